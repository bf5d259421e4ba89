#pragma once

// A thin layer over SQLite's C interface: handles that close themselves, errors as dskd::Error with the file's name.

#include "core/base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <utility>

namespace dskd::store
{

// What a database could not do, with SQLite's extended result code.
class DatabaseError : public Error
{
public:
    DatabaseError(int code, Failure failure) : Error(std::move(failure)), m_code(code) {}
    [[nodiscard]] int code() const { return m_code; }
    [[nodiscard]] bool isLock() const { return primary() == SQLITE_BUSY || primary() == SQLITE_LOCKED; }
    [[nodiscard]] bool isFullDisk() const { return primary() == SQLITE_FULL; }
    // The file or its folder could not be written, which SQLite needs for reading too (locks, shared memory, undoing).
    [[nodiscard]] bool isUnwritable() const
    {
        return isFullDisk() || primary() == SQLITE_READONLY || primary() == SQLITE_CANTOPEN ||
               primary() == SQLITE_IOERR;
    }

private:
    [[nodiscard]] int primary() const { return m_code & 0xff; }
    int m_code;
};

// Why nothing can be written beside `file`: a disk that is full or mounted read-only, missing permission. Empty when
// nothing of this kind is found.
[[nodiscard]] std::string whyUnwritable(const std::filesystem::path& file);

// One prepared statement. Parameters count from 1, columns from 0. Must not outlive its Database.
class Statement
{
public:
    Statement(sqlite3* connection, std::string_view sql); // throws Error

    Statement& bind(int parameter, std::int64_t value);
    Statement& bind(int parameter, double value);
    Statement& bind(int parameter, std::string_view value);
    Statement& bind(int parameter, const std::string& value) { return bind(parameter, std::string_view(value)); }
    Statement& bind(int parameter, const char* value) { return bind(parameter, std::string_view(value)); }
    Statement& bind(int parameter, std::span<const std::byte> blob);
    Statement& bindNull(int parameter);
    template <typename T>
    Statement& bind(int parameter, const std::optional<T>& value)
    {
        return value ? bind(parameter, *value) : bindNull(parameter);
    }

    // True while there is a row; after the last one the statement is reset by itself and may be bound again. A reader
    // must run to the end or be reset, or it holds the database at an old state.
    bool step();
    void run(); // to the end, for statements without rows
    void reset();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::span<const std::byte> blob(int column) const; // until the next step
    [[nodiscard]] bool isNull(int column) const;

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    [[noreturn]] void fail() const;
    void check(int code) const
    {
        if (code != SQLITE_OK) {
            fail();
        }
    }

    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
};

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
