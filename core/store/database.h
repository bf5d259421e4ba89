#pragma once

// A thin layer over SQLite's C interface: handles that close themselves, errors as DatabaseError with the file's name.

#include "core/store/database_error.h"
#include "core/store/statement.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace dskd::store
{

// How long a statement waits for other processes' locks when nothing else is said.
inline constexpr std::chrono::milliseconds kPatience{5000};

// One connection. One thread at a time.
class Database
{
public:
    enum class Access {
        Read,
        ReadWrite,
        Create,
        Frozen, // reads the file alone: no lock, no journal, no other file. For folders that cannot be written
    };

    // Throws DatabaseError naming the file and SQLite's reason. Waits up to `patience` for other processes' locks, each
    // time.
    Database(const std::filesystem::path& file, Access access, std::chrono::milliseconds patience = kPatience);

    [[nodiscard]] Statement prepare(std::string_view sql) const { return {m_connection.get(), sql}; }
    void execute(const std::string& sql) const; // any number of statements
    void setPatience(std::chrono::milliseconds patience) const;
    [[nodiscard]] std::int64_t lastId() const { return sqlite3_last_insert_rowid(m_connection.get()); }
    // True when only reading is possible, because of the access or of the file's permissions.
    [[nodiscard]] bool isReadOnly() const { return sqlite3_db_readonly(m_connection.get(), "main") == 1; }
    [[nodiscard]] int changes() const { return sqlite3_changes(m_connection.get()); }
    [[nodiscard]] bool inTransaction() const { return sqlite3_get_autocommit(m_connection.get()) == 0; }
    [[nodiscard]] std::int64_t pragma(const std::string& name) const; // the value of an integer pragma

private:
    struct Close {
        void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
    };
    std::unique_ptr<sqlite3, Close> m_connection;
};

// A write transaction: takes the lock at once and rolls back unless commit() was called.
class Transaction
{
public:
    explicit Transaction(const Database& database);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

private:
    const Database& m_database;
    bool m_open = true;
};

} // namespace dskd::store
