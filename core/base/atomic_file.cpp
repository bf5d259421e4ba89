#include "core/base/atomic_file.h"

#include "core/base/system_failure.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace dskd
{
namespace
{

struct Descriptor {
    int fd = -1;
    explicit Descriptor(int value) : fd(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor()
    {
        if (fd >= 0) {
            ::close(fd);
        }
    }
};

} // namespace

Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content)
{
    const std::filesystem::path temporary = path.string() + ".part" + std::to_string(::getpid());
    {
        const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (file.fd < 0) {
            return systemFailure(temporary, "created");
        }
        std::size_t written = 0;
        while (written < content.size()) {
            const ssize_t count = ::write(file.fd, content.data() + written, content.size() - written);
            if (count < 0) {
                if (errno == EINTR) {
                    continue;
                }
                Failure failure = systemFailure(temporary, "written");
                ::unlink(temporary.c_str());
                return failure;
            }
            written += static_cast<std::size_t>(count);
        }
        ::fsync(file.fd);
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        Failure failure = systemFailure(path, "replaced");
        ::unlink(temporary.c_str());
        return failure;
    }
    return {};
}

} // namespace dskd
