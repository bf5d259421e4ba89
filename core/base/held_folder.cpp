#include "core/base/held_folder.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace dskd
{

Result<HeldFolder> HeldFolder::open(const std::filesystem::path& path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return Failure{path.string() + " cannot be opened: " + std::strerror(errno) + ".", "Check the path."};
    }
    return HeldFolder(path, descriptor);
}

HeldFolder::HeldFolder(HeldFolder&& other) noexcept
    : m_path(std::move(other.m_path)), m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

HeldFolder::~HeldFolder()
{
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

Result<void> HeldFolder::check() const
{
    struct stat held {
    };
    struct stat found {
    };
    if (fstat(m_descriptor, &held) != 0) {
        return {};
    }
    if (stat(m_path.c_str(), &found) == 0) {
        if (found.st_dev == held.st_dev && found.st_ino == held.st_ino) {
            return {};
        }
    } else if (errno != ENOENT && errno != ENOTDIR) {
        return {};
    }
    if (held.st_nlink == 0) {
        return Failure{"The folder " + m_path.string() + " was deleted.", {}};
    }
    std::error_code error;
    const std::filesystem::path now =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(m_descriptor), error);
    return Failure{
        "The folder " + m_path.string() + " was moved" + (error ? std::string(".") : " to " + now.string() + "."), {}};
}

} // namespace dskd
