#include "core/store/database.h"

#include "core/base/regular_file.h"

namespace dskd::store
{
namespace
{

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

} // namespace

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
        throw databaseError(code, file.string() + " cannot be opened: " + sqlite3_errstr(code) + ".", file);
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
        throwDatabaseError(m_connection.get());
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
