#pragma once

// What following runs costs, as counts that do not depend on the machine.

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <sqlite3.h>

namespace dskd::test
{

// Files that this process has open.
inline std::ptrdiff_t openFiles()
{
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

// Counts the statements that SQLite begins, on every connection that is opened while this lives. One at a time.
class StatementCounter
{
public:
    StatementCounter()
    {
        s_count = 0;
        sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch));
    }
    ~StatementCounter() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&watch)); }
    StatementCounter(const StatementCounter&) = delete;
    StatementCounter& operator=(const StatementCounter&) = delete;

    // Since the last call, or since the counter was made.
    [[nodiscard]] int take() { return s_count.exchange(0); }

private:
    static int watch(sqlite3* connection, char** /*error*/, const void* /*api*/)
    {
        return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, &count, nullptr);
    }
    static int count(unsigned /*kind*/, void* /*context*/, void* /*statement*/, void* /*text*/)
    {
        ++s_count;
        return 0;
    }
    static inline std::atomic<int> s_count = 0;
};

} // namespace dskd::test
