#include "core/store/database.h"

#include "core/base/regular_file.h"
#include "core/base/run_layout.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace dskd::store
{
namespace
{

std::string damageHint(const std::filesystem::path& file)
{
    const std::string hint = "The file is damaged; put it back from a copy, or move it away: ";
    const std::filesystem::path folder = file.parent_path();
    if (file.filename() == WorkspaceLayout{}.database().filename()) {
        return hint + "`dskd doctor --repair -w " + folder.string() + "` then makes it anew from the runs.";
    }
    if (file.filename() == RunLayout{}.database().filename()) {
        return hint + "`dskd resume` then goes on from the newest checkpoint, where the curves begin anew.";
    }
    return "The file is damaged; put it back from a copy, or move it away.";
}

std::string hintFor(int code, const std::filesystem::path& file)
{
    switch (code & 0xff) {
    case SQLITE_FULL: return "The disk is full; free some space.";
    case SQLITE_BUSY: return "Another program holds the database; close it and try again.";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return damageHint(file);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR: {
        const std::string why = whyUnwritable(file);
        return why.empty() ? "Check that its folder exists and that you may write there." : why;
    }
    default: return {};
    }
}

[[noreturn]] void throwFor(sqlite3* connection)
{
    const char* name = sqlite3_db_filename(connection, "main");
    const std::string file = name == nullptr || *name == '\0' ? "The database" : name;
    const int code = sqlite3_extended_errcode(connection);
    throw DatabaseError(code, {file + " cannot be used: " + sqlite3_errmsg(connection) + ".", hintFor(code, file)});
}

// As sqlite3_open_v2 takes it with SQLITE_OPEN_URI.
std::string frozenUri(const std::filesystem::path& file)
{
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(file).string()) {
        switch (c) {
        case '%': uri += "%25"; break;
        case '?': uri += "%3f"; break;
        case '#': uri += "%23"; break;
        default: uri += c;
        }
    }
    return uri + "?immutable=1";
}

// By the rights that count when a file is opened.
bool mayWrite(const std::filesystem::path& place)
{
    return ::faccessat(AT_FDCWD, place.c_str(), W_OK, AT_EACCESS) == 0;
}

} // namespace

std::string whyUnwritable(const std::filesystem::path& file)
{
    constexpr std::uint64_t kLittle = 1 << 16; // less than SQLite's shared memory and a journal need
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    struct statvfs info {
    };
    if (statvfs(folder.c_str(), &info) != 0) {
        return "The folder " + folder.string() + " cannot be reached: " + std::strerror(errno) + ".";
    }
    if ((info.f_flag & ST_RDONLY) != 0) {
        return folder.string() + " lies on a file system that is mounted read-only.";
    }
    if (!mayWrite(folder)) {
        return "You may not write in " + folder.string() + ".";
    }
    if (!mayWrite(file) && errno != ENOENT) {
        return "You may not write " + file.string() + ".";
    }
    if (std::uint64_t{info.f_bavail} * info.f_frsize < kLittle) {
        return "The disk that " + folder.string() + " lies on is full.";
    }
    return {};
}

Statement::Statement(sqlite3* connection, std::string_view sql)
{
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) != SQLITE_OK) {
        throwFor(connection);
    }
    m_statement.reset(statement);
}

void Statement::fail() const
{
    throwFor(sqlite3_db_handle(m_statement.get()));
}

Statement& Statement::bind(int parameter, std::int64_t value)
{
    check(sqlite3_bind_int64(m_statement.get(), parameter, value));
    return *this;
}

Statement& Statement::bind(int parameter, double value)
{
    check(sqlite3_bind_double(m_statement.get(), parameter, value));
    return *this;
}

Statement& Statement::bind(int parameter, std::string_view value)
{
    // A null pointer would bind NULL instead of an empty text.
    const char* text = value.data() == nullptr ? "" : value.data();
    check(sqlite3_bind_text64(m_statement.get(), parameter, text, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind(int parameter, std::span<const std::byte> blob)
{
    if (blob.empty()) {
        check(sqlite3_bind_zeroblob(m_statement.get(), parameter, 0));
    } else {
        check(sqlite3_bind_blob64(m_statement.get(), parameter, blob.data(), blob.size(), SQLITE_TRANSIENT));
    }
    return *this;
}

Statement& Statement::bindNull(int parameter)
{
    check(sqlite3_bind_null(m_statement.get(), parameter));
    return *this;
}

bool Statement::step()
{
    const int code = sqlite3_step(m_statement.get());
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        fail();
    }
    sqlite3_reset(m_statement.get());
    return false;
}

void Statement::run()
{
    while (step()) {
    }
}

void Statement::reset()
{
    sqlite3_reset(m_statement.get());
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(m_statement.get(), column);
}

double Statement::real(int column) const
{
    return sqlite3_column_double(m_statement.get(), column);
}

std::string Statement::text(int column) const
{
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(m_statement.get(), column));
    return text == nullptr
               ? std::string()
               : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(m_statement.get(), column)));
}

std::span<const std::byte> Statement::blob(int column) const
{
    const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(m_statement.get(), column));
    return {data, data == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(m_statement.get(), column))};
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_statement.get(), column) == SQLITE_NULL;
}

Database::Database(const std::filesystem::path& file, Access access, std::chrono::milliseconds patience)
{
    requireRegularOrNone(file).value(); // a pipe would keep us waiting
    int flags = SQLITE_OPEN_NOMUTEX;    // one thread at a time is our promise
    switch (access) {
    case Access::Read: flags |= SQLITE_OPEN_READONLY; break;
    case Access::ReadWrite: flags |= SQLITE_OPEN_READWRITE; break;
    case Access::Create: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE; break;
    case Access::Frozen: flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI; break;
    }
    const std::string name = access == Access::Frozen ? frozenUri(file) : file.string();
    sqlite3* connection = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &connection, flags, nullptr);
    m_connection.reset(connection);
    if (code != SQLITE_OK) {
        throw DatabaseError(code,
                            {file.string() + " cannot be opened: " + sqlite3_errstr(code) + ".", hintFor(code, file)});
    }
    sqlite3_extended_result_codes(connection, 1);
    setPatience(patience);
}

void Database::setPatience(std::chrono::milliseconds patience) const
{
    sqlite3_busy_timeout(m_connection.get(), static_cast<int>(patience.count()));
}

void Database::execute(const std::string& sql) const
{
    if (sqlite3_exec(m_connection.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        throwFor(m_connection.get());
    }
}

std::int64_t Database::pragma(const std::string& name) const
{
    Statement statement = prepare("PRAGMA " + name);
    const std::int64_t value = statement.step() ? statement.integer(0) : 0;
    return value;
}

Transaction::Transaction(const Database& database) : m_database(database)
{
    m_database.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction()
{
    if (m_open) {
        try {
            m_database.execute("ROLLBACK");
        } catch (const Error&) {
            // SQLite has rolled back by itself, as it does after a full disk.
        }
    }
}

void Transaction::commit()
{
    m_database.execute("COMMIT");
    m_open = false;
}

} // namespace dskd::store
