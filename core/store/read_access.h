#pragma once

#include "core/base/run_layout.h"
#include "core/store/database.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace dskd::store
{

// A connection for reading, and what it had to leave out.
struct ReadAccess {
    Database database;
    std::int64_t version = 0; // PRAGMA user_version, which was read to see whether the file can be read
    bool frozen = false;      // the folder cannot be written: nothing that comes later is seen
    std::string warning; // frozen beside a journal, so that the newest changes are missing or half there; else empty
};

// Opens a database for reading, whatever its folder allows: where it cannot be written, the file is read as it lies
// there. Throws DatabaseError.
ReadAccess openToRead(const std::filesystem::path& file, std::chrono::milliseconds patience);

// Also of a run whose worker was killed within a change (a hot rollback journal): the change is undone first, which
// SQLite does for writers only; under the run's lock, so never beside a living worker. Likewise rows that a worker left
// in the log beside the file are moved into it, where that is possible at once.
ReadAccess openToRead(const RunLayout& run, std::chrono::milliseconds patience);

} // namespace dskd::store
