#pragma once

#include <filesystem>

namespace dskd::store
{

class Database;

// Wal: readers never wait for the writer; needs shared memory, so local disks only.
// Rollback: works on shared file systems (NFS, Lustre, GPFS) too; a reader may wait some milliseconds.
enum class Journal { Wal, Rollback };

// What suits the file system `folder` lies on. The environment variable DSKD_JOURNAL (wal | rollback) decides when set.
[[nodiscard]] Journal journalFor(const std::filesystem::path& folder);

// Sets the journal of a database that this process writes, and synchronous = NORMAL: a commit outlives the process.
void useJournal(const Database& database, Journal journal);

} // namespace dskd::store
