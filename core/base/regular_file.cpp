#include "core/base/regular_file.h"

#include "core/base/system_failure.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

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

} // namespace

std::optional<std::string_view> otherThanFile(const std::filesystem::path& path)
{
    struct stat info {
    };
    if (::stat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    return nameOf(info.st_mode);
}

Result<RegularFile> RegularFile::open(const std::filesystem::path& path)
{
    if (const auto other = otherThanFile(path)) { // before it is opened: opening some devices has an effect
        return Failure{path.string() + " is " + std::string(*other) + ", not a file.", "Name a regular file."};
    }
    // O_NONBLOCK: what became a pipe since then must not keep us waiting
    RegularFile file(path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat info {
    };
    if (file.m_descriptor < 0) {
        return systemFailure(path, "opened");
    }
    if (::fstat(file.m_descriptor, &info) != 0) {
        return systemFailure(path, "read");
    }
    if (!S_ISREG(info.st_mode)) {
        return Failure{path.string() + " is " + std::string(nameOf(info.st_mode)) + ", not a file.",
                       "Name a regular file."};
    }
    file.m_size = static_cast<std::uint64_t>(info.st_size);
    return file;
}

RegularFile::RegularFile(RegularFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_descriptor(std::exchange(other.m_descriptor, -1)), m_size(other.m_size)
{
}

RegularFile& RegularFile::operator=(RegularFile&& other) noexcept
{
    std::swap(m_path, other.m_path);
    std::swap(m_descriptor, other.m_descriptor);
    std::swap(m_size, other.m_size);
    return *this;
}

RegularFile::~RegularFile()
{
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
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
            ::pread(m_descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(begin + done));
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
    return file ? file->read(0, std::numeric_limits<std::uint64_t>::max()) : Result<std::string>(file.failure());
}

} // namespace dskd
