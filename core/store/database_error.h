#pragma once

// What SQLite could not do, with its code, its reason and what may be done about it.

#include "core/base/failure.h"

#include <filesystem>
#include <sqlite3.h>
#include <string>
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

// What failed in `file`, by SQLite's code, with a hint.
[[nodiscard]] DatabaseError databaseError(int code, const std::string& what, const std::filesystem::path& file);
// The newest failure of a connection.
[[noreturn]] void throwDatabaseError(sqlite3* connection);

// Why nothing can be written beside `file`: a disk that is full or mounted read-only, missing permission. Empty when
// nothing of this kind is found.
[[nodiscard]] std::string whyUnwritable(const std::filesystem::path& file);

} // namespace dskd::store
