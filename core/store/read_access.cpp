#include "core/store/read_access.h"

#include "core/store/run_lock.h"

#include <cstdint>
#include <system_error>

namespace dskd::store
{
namespace
{

namespace fs = std::filesystem;

std::uintmax_t sizeOf(const fs::path& file)
{
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file, error);
    return error ? 0 : size;
}

// Reads a page, so that what keeps the file from being read shows here and not in the first query.
ReadAccess opened(const fs::path& file, Database::Access access, std::chrono::milliseconds patience)
{
    ReadAccess reading{Database(file, access, patience), 0, access == Database::Access::Frozen, {}};
    reading.version = reading.database.pragma("user_version");
    return reading;
}

ReadAccess openFrozen(const fs::path& file, std::chrono::milliseconds patience)
{
    ReadAccess access = opened(file, Database::Access::Frozen, patience);
    if (sizeOf(file.string() + "-wal") > 0 || sizeOf(file.string() + "-journal") > 0) {
        const std::string why = whyUnwritable(file);
        access.warning = file.string() + " is read as it lies there, without the changes in the file beside it: the " +
                         "newest rows may be missing. " + (why.empty() ? "Its folder cannot be written." : why);
    }
    return access;
}

// SQLite undoes a half-written change as soon as the file is opened for writing.
void undoHalfChange(const RunLayout& run, std::chrono::milliseconds patience)
{
    const auto lock = RunLock::take(run, patience);
    if (!lock) {
        throw Error(run.database().string() + " holds a half-written change, and a worker is at work in the folder.",
                    "The worker undoes it when it begins; try again in a moment.");
    }
    (void)opened(run.database(), Database::Access::ReadWrite, patience);
}

// What a worker has left in the log beside run.db, because it was killed or a reader was in the way of its end, goes
// into the file, and the log is left for good: a copy of the file alone then has everything. Where that is not possible
// (a worker is at work, another program reads the file, the folder cannot be written) it is read from the log.
void takeInLog(const RunLayout& run)
{
    std::error_code error;
    if (sizeOf(run.database().string() + "-wal") == 0 || !fs::exists(run.lock(), error)) {
        return;
    }
    const auto lock = RunLock::take(run);
    if (!lock) {
        return;
    }
    try {
        const ReadAccess writing = opened(run.database(), Database::Access::ReadWrite, std::chrono::milliseconds(0));
        (void)writing.database.pragma("wal_checkpoint(TRUNCATE)");
        writing.database.execute("PRAGMA journal_mode = DELETE"); // SQLite refuses it while someone else has it open
    } catch (const Error&) {
        // Whoever reads reports what is the matter, if it is in the way of reading too.
    }
}

} // namespace

ReadAccess openToRead(const fs::path& file, std::chrono::milliseconds patience)
{
    try {
        return opened(file, Database::Access::Read, patience);
    } catch (const DatabaseError& error) {
        if (!error.isUnwritable()) {
            throw;
        }
        try {
            return openFrozen(file, patience);
        } catch (const DatabaseError&) {
            throw error; // the first reason is the one that counts
        }
    }
}

ReadAccess openToRead(const RunLayout& run, std::chrono::milliseconds patience)
{
    takeInLog(run);
    try {
        return opened(run.database(), Database::Access::Read, patience);
    } catch (const DatabaseError& error) {
        if (error.code() != SQLITE_READONLY_ROLLBACK) {
            return openToRead(run.database(), patience);
        }
    }
    try {
        undoHalfChange(run, patience);
    } catch (const DatabaseError& error) {
        if (!error.isUnwritable()) {
            throw;
        } // on a read-only disk it stays as it is, and reading says so
    }
    return openToRead(run.database(), patience);
}

} // namespace dskd::store
