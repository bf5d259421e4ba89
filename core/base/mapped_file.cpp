#include "core/base/mapped_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dskd
{
namespace
{
Failure systemFailure(const std::filesystem::path& path, const char* verb)
{
    const int code = errno;
    return {path.string() + " cannot be " + verb + ": " + std::strerror(code) + ".",
            code == ENOENT   ? "Check the path."
            : code == ENOSPC ? "Free some space on its disk."
                             : std::string{},
            code == ENOENT ? FailureKind::NotFound : FailureKind::Failed};
}

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

Result<std::shared_ptr<MappedFile>> MappedFile::open(const std::filesystem::path& path)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.fd < 0) {
        return systemFailure(path, "opened");
    }
    struct stat info {
    };
    if (::fstat(file.fd, &info) != 0) {
        return systemFailure(path, "read");
    }
    if (!S_ISREG(info.st_mode)) {
        return Failure{path.string() + " is not a regular file.", "Check the path."};
    }
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size == 0) {
        return std::shared_ptr<MappedFile>(new MappedFile(nullptr, 0));
    }
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.fd, 0);
    if (data == MAP_FAILED) {
        return systemFailure(path, "mapped");
    }
    return std::shared_ptr<MappedFile>(new MappedFile(static_cast<std::byte*>(data), size));
}

MappedFile::~MappedFile()
{
    if (m_data != nullptr) {
        ::munmap(m_data, m_size);
    }
}

Result<std::string> readTextFile(const std::filesystem::path& path)
{
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        return Failure{path.string() + " is a folder, not a file.", "Check the path."};
    }
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        return systemFailure(path, "opened");
    }
    std::ostringstream content;
    content << stream.rdbuf();
    if (stream.bad()) {
        return systemFailure(path, "read");
    }
    return std::move(content).str();
}

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
