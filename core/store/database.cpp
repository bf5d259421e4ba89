#include "core/store/database.h"

#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace dskd::store
{
namespace
{

[[noreturn]] void throwFor(sqlite3* connection)
{
    const char* file = sqlite3_db_filename(connection, "main");
    const int code = sqlite3_errcode(connection);
    std::string hint;
    switch (code & 0xff) {
    case SQLITE_FULL: hint = "The disk is full; free some space."; break;
    case SQLITE_READONLY: hint = "The file or its folder is not writable; check its permissions."; break;
    case SQLITE_BUSY: hint = "Another program holds the database; close it and try again."; break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: hint = "The file is damaged; restore it from a copy, or move it away."; break;
    default: break;
    }
    throw Error(std::string(file == nullptr ? "The database" : file) +
                    " cannot be used: " + sqlite3_errmsg(connection) + ".",
                hint);
}

// `file` as a URI that tells SQLite that nobody changes it. It opens a database in WAL mode otherwise only where it can
// put its shared memory beside it.
std::string immutableUri(const std::filesystem::path& file)
{
    std::string uri = "file:";
    for (const char letter : std::filesystem::absolute(file).string()) {
        switch (letter) {
        case '%': uri += "%25"; break;
        case '?': uri += "%3f"; break;
        case '#': uri += "%23"; break;
        default: uri += letter;
        }
    }
    return uri + "?immutable=1";
}

} // namespace

bool mayWrite(const std::filesystem::path& file)
{
    const auto writable = [](const std::filesystem::path& place) {
        return ::faccessat(AT_FDCWD, place.c_str(), W_OK, AT_EACCESS) == 0;
    };
    return writable(file) && writable(std::filesystem::absolute(file).parent_path());
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
    int flags = SQLITE_OPEN_NOMUTEX; // one thread at a time is our promise
    switch (access) {
    case Access::Read: flags |= SQLITE_OPEN_READONLY; break;
    case Access::ReadWrite: flags |= SQLITE_OPEN_READWRITE; break;
    case Access::Create: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE; break;
    }
    open(file.string(), flags, patience);
    std::error_code error;
    if (access != Access::Read || mayWrite(file) || std::filesystem::exists(file.string() + "-wal", error)) {
        return;
    }
    const int read = sqlite3_exec(m_connection.get(), "PRAGMA schema_version", nullptr, nullptr, nullptr) & 0xff;
    if (read == SQLITE_CANTOPEN || read == SQLITE_READONLY) {
        open(immutableUri(file), flags | SQLITE_OPEN_URI, patience);
    }
}

void Database::open(const std::string& name, int flags, std::chrono::milliseconds patience)
{
    sqlite3* connection = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &connection, flags, nullptr);
    m_connection.reset(connection);
    if (code != SQLITE_OK) {
        throw Error(name + " cannot be opened: " + sqlite3_errstr(code) + ".",
                    "Check that the folder exists and that you may write there.");
    }
    sqlite3_extended_result_codes(connection, 1);
    sqlite3_busy_timeout(connection, static_cast<int>(patience.count()));
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
