#include "core/cache/row_store.h"

#include "core/base/system_failure.h"

#define XXH_INLINE_ALL // no library to link

#include <cerrno>
#include <fcntl.h>
#include <random>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <xxhash.h>

namespace dskd::cache
{
namespace
{

namespace fs = std::filesystem;

constexpr std::uint64_t kFileMagic = 0x31'73'77'6f'72'6b'73'64;   // "dskrows1"
constexpr std::uint64_t kRecordMagic = 0x64'72'6f'63'65'72'6b'64; // "dkrecord"

struct FileHead {
    std::uint64_t magic = kFileMagic;
    std::uint64_t generation = 0;
};
static_assert(sizeof(FileHead) == 16);

struct RecordHead {
    std::uint64_t magic = kRecordMagic;
    RowKey key;
    std::uint64_t bytes = 0;
    std::uint64_t checksum = 0;
};
static_assert(sizeof(RecordHead) == 40);

std::uint64_t checksumOf(std::span<const std::byte> bytes)
{
    return XXH3_64bits(bytes.data(), bytes.size());
}

// All of it, or false: the file is shorter, or cannot be read.
bool readAt(int file, std::uint64_t offset, std::span<std::byte> into)
{
    while (!into.empty()) {
        const ssize_t count = ::pread(file, into.data(), into.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        into = into.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return true;
}

bool writeAt(int file, std::uint64_t offset, std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return true;
}

// Appending is the right of one process at a time. Another one may be stopped while it has it, so that nobody waits for
// long.
class AppendLock
{
public:
    explicit AppendLock(int file) : m_file(file)
    {
        constexpr int kTries = 200; // a second
        for (int i = 0; i < kTries && !m_isHeld; ++i) {
            m_isHeld = ::flock(file, LOCK_EX | LOCK_NB) == 0;
            m_isBusy = !m_isHeld && errno == EWOULDBLOCK;
            if (!m_isHeld && !m_isBusy && errno != EINTR) {
                return;
            }
            if (!m_isHeld) {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
        }
    }
    AppendLock(const AppendLock&) = delete;
    AppendLock& operator=(const AppendLock&) = delete;
    ~AppendLock()
    {
        if (m_isHeld) {
            ::flock(m_file, LOCK_UN);
        }
    }
    [[nodiscard]] bool isHeld() const { return m_isHeld; }
    [[nodiscard]] bool isBusy() const { return m_isBusy; } // another process has it

private:
    int m_file;
    bool m_isHeld = false;
    bool m_isBusy = false;
};

std::uint64_t newGeneration()
{
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
}

bool readHead(int file, FileHead& head)
{
    return readAt(file, 0, std::as_writable_bytes(std::span(&head, 1))) && head.magic == kFileMagic;
}

bool writeNewHead(int file)
{
    const FileHead head{.generation = newGeneration()};
    return ::ftruncate(file, 0) == 0 && writeAt(file, 0, std::as_bytes(std::span(&head, 1)));
}

// A lock of one byte whose place is the key's: any number of keys can be locked in an empty file.
int lockByte(int file, const RowKey& key, short type)
{
    struct flock range {
    };
    range.l_type = type;
    range.l_whence = SEEK_SET;
    range.l_start = static_cast<off_t>(key.low >> 2U); // off_t is signed
    range.l_len = 1;
    return ::fcntl(file, F_OFD_SETLK, &range);
}

} // namespace

RowKey rowKey(std::span<const std::byte> content)
{
    const XXH128_hash_t hash = XXH3_128bits(content.data(), content.size());
    return {hash.high64, hash.low64};
}

RowStore::RowStore(fs::path file, Descriptor rows, Descriptor claims)
    : m_file(std::move(file)), m_rows(std::move(rows)), m_claims(std::move(claims))
{
}

Result<RowStore> RowStore::open(const fs::path& folder)
{
    std::error_code error;
    fs::create_directories(folder, error); // the next call names what is wrong
    const fs::path file = folder / kRowsFile;
    const fs::path claims = folder / kClaimsFile;
    RowStore store(file, Descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)),
                   Descriptor(::open(claims.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)));
    if (!store.m_rows.isOpen() || !store.m_claims.isOpen()) {
        return systemFailure(store.m_rows.isOpen() ? claims : file, "written");
    }
    FileHead head;
    if (!readHead(store.m_rows.number(), head)) {
        const AppendLock lock(store.m_rows.number()); // another process may write the head just now
        if (!readHead(store.m_rows.number(), head)) {
            if (lock.isBusy()) {
                return Failure{file.string() + " cannot be used: another process is writing to it.", "Try again."};
            }
            if (!writeNewHead(store.m_rows.number())) {
                return systemFailure(file, "written");
            }
        }
    }
    return store;
}

Result<void> RowStore::clear()
{
    const AppendLock lock(m_rows.number());
    if (lock.isBusy()) {
        return Failure{m_file.string() + " cannot be emptied: another process is writing to it.", "Try again."};
    }
    if (!writeNewHead(m_rows.number())) {
        return systemFailure(m_file, "written");
    }
    return {};
}

std::optional<std::uint64_t> RowStore::fileSize() const
{
    struct stat status {
    };
    return ::fstat(m_rows.number(), &status) == 0 ? std::optional(static_cast<std::uint64_t>(status.st_size))
                                                  : std::nullopt;
}

void RowStore::look()
{
    FileHead file;
    if (!readHead(m_rows.number(), file)) {
        file = {}; // emptied just now
    }
    const std::uint64_t size = fileSize().value_or(0);
    if (file.generation != m_generation || size < m_end) {
        m_places.clear();
        m_generation = file.generation;
        m_end = sizeof file;
    }
    RecordHead head;
    while (m_end + sizeof head <= size && readAt(m_rows.number(), m_end, std::as_writable_bytes(std::span(&head, 1)))) {
        const std::uint64_t begin = m_end + sizeof head;
        if (head.magic != kRecordMagic || head.bytes > size - begin) {
            break; // half a record, or no record: the next one that appends cuts it off
        }
        m_places[head.key] = {begin, head.bytes, head.checksum};
        m_end = begin + head.bytes;
    }
}

bool RowStore::read(const RowKey& key, std::span<std::byte> into)
{
    auto found = m_places.find(key);
    if (found == m_places.end()) {
        look();
        found = m_places.find(key);
    }
    if (found == m_places.end() || found->second.bytes != into.size()) {
        return false;
    }
    const Place place = found->second;
    if (readAt(m_rows.number(), place.offset, into) && checksumOf(into) == place.checksum) {
        return true;
    }
    look(); // damaged, or another process emptied the file
    found = m_places.find(key);
    if (found != m_places.end() && found->second.bytes == into.size() &&
        readAt(m_rows.number(), found->second.offset, into) && checksumOf(into) == found->second.checksum) {
        return true;
    }
    m_places.erase(key);
    return false;
}

Result<void> RowStore::add(const RowKey& key, std::span<const std::byte> bytes)
{
    if (std::chrono::steady_clock::now() < m_addAgain) {
        return {};
    }
    const AppendLock lock(m_rows.number());
    if (lock.isBusy()) {
        m_addAgain = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        return {};
    }
    if (!lock.isHeld()) {
        return systemFailure(m_file, "locked");
    }
    struct stat status {
    };
    if (::fstat(m_rows.number(), &status) != 0 || status.st_nlink == 0) {
        return Failure{m_file.string() + " was deleted.", "Runs that are started from now on keep rows anew."};
    }
    look();
    if (m_places.contains(key)) {
        return {};
    }
    struct statvfs disk {
    };
    const std::uint64_t needed = bytes.size() + sizeof(RecordHead);
    if (::fstatvfs(m_rows.number(), &disk) == 0 &&
        std::uint64_t{disk.f_bavail} * disk.f_frsize < needed + kFreeToLeave) {
        return Failure{"Less than 2 GiB are free on the disk of " + m_file.string() + ".",
                       "\"dskd cache clear\" frees what is kept of teachers."};
    }
    if (fileSize().value_or(m_end) > m_end && ::ftruncate(m_rows.number(), static_cast<off_t>(m_end)) != 0) {
        return systemFailure(m_file, "written");
    }
    const RecordHead head{.key = key, .bytes = bytes.size(), .checksum = checksumOf(bytes)};
    // the bytes first: a process that looks meanwhile sees no head, or one behind which all bytes lie
    if (!writeAt(m_rows.number(), m_end + sizeof head, bytes) ||
        !writeAt(m_rows.number(), m_end, std::as_bytes(std::span(&head, 1)))) {
        const Failure failure = systemFailure(m_file, "written");
        (void)!::ftruncate(m_rows.number(), static_cast<off_t>(m_end));
        return failure;
    }
    m_places[key] = {m_end + sizeof head, head.bytes, head.checksum};
    m_end += sizeof head + bytes.size();
    return {};
}

bool RowStore::claim(const RowKey& key)
{
    if (lockByte(m_claims.number(), key, F_WRLCK) != 0 && (errno == EAGAIN || errno == EACCES)) {
        return false;
    }
    m_claimed.insert(key);
    return true;
}

void RowStore::release(const RowKey& key)
{
    if (m_claimed.erase(key) > 0) {
        lockByte(m_claims.number(), key, F_UNLCK);
    }
}

void RowStore::waitFor(const RowKey& key, std::chrono::steady_clock::time_point end)
{
    while (!claim(key)) {
        if (std::chrono::steady_clock::now() >= end) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    release(key);
}

std::size_t RowStore::size()
{
    look();
    return m_places.size();
}

std::size_t RowStore::count(const fs::path& folder)
{
    const fs::path file = folder / kRowsFile;
    RowStore store(file, Descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)), Descriptor());
    if (!store.m_rows.isOpen()) {
        return 0;
    }
    return store.size();
}

} // namespace dskd::cache
