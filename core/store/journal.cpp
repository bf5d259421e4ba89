#include "core/store/journal.h"

#include "core/store/database.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <sys/vfs.h>

namespace dskd::store
{

Journal journalFor(const std::filesystem::path& folder)
{
    if (const char* value = std::getenv("DSKD_JOURNAL")) {
        if (std::string_view(value) == "rollback") {
            return Journal::Rollback;
        }
        if (std::string_view(value) == "wal") {
            return Journal::Wal;
        }
    }
    // f_type of file systems that several machines share: there WAL's shared memory does not work.
    constexpr std::uint32_t kShared[] = {
        0x6969,     // NFS
        0xFF534D42, // CIFS
        0xFE534D42, // SMB2
        0x0BD00BD0, // Lustre
        0x47504653, // GPFS
        0x19830326, // BeeGFS
        0x00C36400, // Ceph
        0x5346414F, // AFS
        0x01021997, // 9p
        0x65735546, // FUSE: sshfs, gcsfuse and others
    };
    struct statfs info {
    };
    if (statfs(folder.c_str(), &info) == 0 && std::find(std::begin(kShared), std::end(kShared),
                                                        static_cast<std::uint32_t>(info.f_type)) != std::end(kShared)) {
        return Journal::Rollback;
    }
    return Journal::Wal;
}

void useJournal(const Database& database, Journal journal)
{
    database.execute(journal == Journal::Wal ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = DELETE");
    database.execute("PRAGMA synchronous = NORMAL");
}

} // namespace dskd::store
