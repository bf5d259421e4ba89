#include "core/base/regular_file.h"

#include "core/base/system_failure.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dskd
{
namespace
{

std::string_view nameOf(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR: return "a folder";
    case S_IFIFO: return "a named pipe";
    case S_IFSOCK: return "a socket";
    default: return "a device";
    }
}

Failure irregular(const std::filesystem::path& path, mode_t mode)
{
    return {path.string() + " is " + std::string(nameOf(mode)) + ", not a file.",
            S_ISDIR(mode) ? "Name a file inside it." : "Name a regular file."};
}

} // namespace

Result<void> requireRegular(const std::filesystem::path& path)
{
    struct stat info {
    };
    if (::stat(path.c_str(), &info) != 0) {
        return systemFailure(path, "opened");
    }
    return S_ISREG(info.st_mode) ? Result<void>() : Result<void>(irregular(path, info.st_mode));
}

Result<void> requireRegularOrNone(const std::filesystem::path& path)
{
    struct stat info {
    };
    const bool there = ::stat(path.c_str(), &info) == 0;
    return there && !S_ISREG(info.st_mode) ? Result<void>(irregular(path, info.st_mode)) : Result<void>();
}

Result<RegularFile> RegularFile::open(const std::filesystem::path& path)
{
    if (const auto regular = requireRegular(path); !regular) { // first: opening some devices has an effect
        return regular.failure();
    }
    // O_NONBLOCK: what became a pipe since then must not keep us waiting
    RegularFile file(path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat info {
    };
    if (!file.m_file.isOpen()) {
        return systemFailure(path, "opened");
    }
    if (::fstat(file.m_file.number(), &info) != 0) {
        return systemFailure(path, "read");
    }
    if (!S_ISREG(info.st_mode)) {
        return irregular(path, info.st_mode);
    }
    file.m_size = static_cast<std::uint64_t>(info.st_size);
    return file;
}

Result<std::string> RegularFile::read(std::uint64_t begin, std::uint64_t count) const
{
    constexpr std::uint64_t kLeast = 4096; // a file may have grown, and those of /proc have no size
    std::string bytes;
    while (bytes.size() < count) {
        const std::size_t done = bytes.size();
        const std::uint64_t left = m_size > begin + done ? m_size - begin - done : 0;
        bytes.resize(done + static_cast<std::size_t>(std::min(count - done, std::max(left, kLeast))));
        const ssize_t got =
            ::pread(m_file.number(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(begin + done));
        if (got < 0 && errno != EINTR) {
            return systemFailure(m_path, "read");
        }
        bytes.resize(done + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got == 0) {
            break;
        }
    }
    return bytes;
}

Result<std::string> readTextFile(const std::filesystem::path& path)
{
    const auto file = RegularFile::open(path);
    if (!file) {
        return file.failure();
    }
    if (file->size() > kLargestText) {
        return Failure{path.string() + " has " + std::to_string(file->size()) +
                           " bytes, and a file of this kind is read up to " + std::to_string(kLargestText) + ".",
                       "Check that it is the right file."};
    }
    return file->read(0, kLargestText);
}

} // namespace dskd
