#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace dskd::store
{

// One prepared statement. Parameters count from 1, columns from 0. Must not outlive its Database.
class Statement
{
public:
    Statement(sqlite3* connection, std::string_view sql); // throws DatabaseError

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

} // namespace dskd::store
