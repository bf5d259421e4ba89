// A library to preload (LD_PRELOAD) into a program: the N-th call that changes a file below DSKD_FAULT_ROOT goes wrong.
//
//   DSKD_FAULT_KIND   count   nothing goes wrong
//                     kill    the process is killed before the call; an odd N first writes half of the bytes
//                     full    this call and every later one that takes space fails with ENOSPC, as on a full disk
//                     error   this call alone fails with EIO
//   DSKD_FAULT_AT     N, from 1
//   DSKD_FAULT_LOG    a file outside the root that gets one line a call: number, function, path
//
// Counted are the calls through which libstdc++, SQLite and our programs change files: open for writing, write, sync,
// rename, remove, folders, truncation, copies. Writes through a memory map are not seen.

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace
{

enum class Kind { Off, Count, Kill, Full, Error };
enum class Needs { Nothing, Space };

struct Plan {
    Kind kind = Kind::Off;
    long at = 0;
    std::string root;
    int log = -1;
};

template <typename Function>
Function original(const char* name)
{
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

const Plan& plan()
{
    static const Plan made = [] {
        Plan result;
        const char* kind = std::getenv("DSKD_FAULT_KIND");
        const char* root = std::getenv("DSKD_FAULT_ROOT");
        if (kind == nullptr || root == nullptr) {
            return result;
        }
        const std::string word = kind;
        result.kind = word == "kill"    ? Kind::Kill
                      : word == "full"  ? Kind::Full
                      : word == "error" ? Kind::Error
                                        : Kind::Count;
        result.root = std::string(root) + "/";
        const char* at = std::getenv("DSKD_FAULT_AT");
        result.at = at != nullptr ? std::atol(at) : 0;
        if (const char* log = std::getenv("DSKD_FAULT_LOG")) {
            static const auto open = original<int (*)(const char*, int, ...)>("open");
            result.log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        }
        return result;
    }();
    return made;
}

std::string pathOf(int descriptor)
{
    char target[PATH_MAX];
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    const ssize_t length = readlink(link.c_str(), target, sizeof target);
    return length > 0 ? std::string(target, static_cast<std::size_t>(length)) : std::string();
}

// A folder's path ends with "/": whether its sync counts is another question than whether a file's does.
std::string syncedPath(int descriptor)
{
    struct stat status {
    };
    const bool isFolder = fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
    return pathOf(descriptor) + (isFolder ? "/" : "");
}

std::string pathOf(int folder, const char* path)
{
    if (path == nullptr || *path == '/') {
        return path != nullptr ? path : "";
    }
    char cwd[PATH_MAX];
    const std::string base = folder != AT_FDCWD                   ? pathOf(folder)
                             : getcwd(cwd, sizeof cwd) != nullptr ? std::string(cwd)
                                                                  : std::string();
    return base + "/" + path;
}

std::atomic<long> numCalls{0};

// Counts a call on `path`. 0: go on with it; else the errno that it fails with. `half` is called before a kill at an
// odd number.
template <typename Half>
int fault(const char* function, const std::string& path, Needs needs, const Half& half)
{
    const Plan& faults = plan();
    if (faults.kind == Kind::Off || path.compare(0, faults.root.size(), faults.root) != 0) {
        return 0;
    }
    const long number = ++numCalls;
    if (faults.log >= 0) {
        const std::string line = std::to_string(number) + " " + function + " " + path + "\n";
        static const auto write = original<ssize_t (*)(int, const void*, std::size_t)>("write");
        (void)!write(faults.log, line.data(), line.size());
    }
    if (faults.kind == Kind::Full && number >= faults.at && needs == Needs::Space) {
        return ENOSPC;
    }
    if (number != faults.at) {
        return 0;
    }
    if (faults.kind == Kind::Kill) {
        if (number % 2 == 1) {
            half();
        }
        kill(getpid(), SIGKILL);
    }
    return faults.kind == Kind::Error ? EIO : 0;
}

int fault(const char* function, const std::string& path, Needs needs)
{
    return fault(function, path, needs, [] {});
}

// The original's result, or -1 with errno.
template <typename Result, typename Call>
Result unless(int error, const Call& call)
{
    if (error != 0) {
        errno = error;
        return static_cast<Result>(-1);
    }
    return call();
}

// A write over what a file has already takes no space.
Needs needsOfWrite(int descriptor, std::size_t size, off64_t offset)
{
    struct stat facts {
    };
    const bool inside = fstat(descriptor, &facts) == 0 && offset + static_cast<off64_t>(size) <= facts.st_size;
    return inside ? Needs::Nothing : Needs::Space;
}

bool writes(int flags)
{
    return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
}

int openFault(const char* function, const std::string& path, int flags)
{
    if (plan().kind == Kind::Off || !writes(flags)) {
        return 0;
    }
    struct stat ignored {
    };
    const bool makes = (flags & O_CREAT) != 0 && stat(path.c_str(), &ignored) != 0;
    return fault(function, path, makes ? Needs::Space : Needs::Nothing);
}

} // namespace

// NOLINTBEGIN(cert-dcl50-cpp,readability-inconsistent-declaration-parameter-name): the C library's functions
extern "C" {

#define DSKD_OPEN(NAME)                                                                                                \
    int NAME(const char* path, int flags, ...)                                                                         \
    {                                                                                                                  \
        static const auto real = original<int (*)(const char*, int, ...)>(#NAME);                                      \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;                      \
        va_end(arguments);                                                                                             \
        return unless<int>(openFault(#NAME, pathOf(AT_FDCWD, path), flags), [&] { return real(path, flags, mode); });  \
    }
DSKD_OPEN(open)
DSKD_OPEN(open64)

#define DSKD_OPENAT(NAME)                                                                                              \
    int NAME(int folder, const char* path, int flags, ...)                                                             \
    {                                                                                                                  \
        static const auto real = original<int (*)(int, const char*, int, ...)>(#NAME);                                 \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;                      \
        va_end(arguments);                                                                                             \
        return unless<int>(openFault(#NAME, pathOf(folder, path), flags),                                              \
                           [&] { return real(folder, path, flags, mode); });                                           \
    }
DSKD_OPENAT(openat)
DSKD_OPENAT(openat64)

#define DSKD_FOPEN(NAME)                                                                                               \
    FILE* NAME(const char* path, const char* mode)                                                                     \
    {                                                                                                                  \
        static const auto real = original<FILE* (*)(const char*, const char*)>(#NAME);                                 \
        const int flags = *mode == 'w' || *mode == 'a'        ? O_WRONLY | O_CREAT                                     \
                          : std::strchr(mode, '+') != nullptr ? O_RDWR                                                 \
                                                              : O_RDONLY;                                              \
        const int error = openFault(#NAME, pathOf(AT_FDCWD, path), flags);                                             \
        if (error != 0) {                                                                                              \
            errno = error;                                                                                             \
            return nullptr;                                                                                            \
        }                                                                                                              \
        return real(path, mode);                                                                                       \
    }
DSKD_FOPEN(fopen)
DSKD_FOPEN(fopen64)

ssize_t write(int descriptor, const void* bytes, std::size_t size)
{
    static const auto real = original<ssize_t (*)(int, const void*, std::size_t)>("write");
    return unless<ssize_t>(
        fault("write", pathOf(descriptor), Needs::Space, [&] { (void)!real(descriptor, bytes, size / 2); }),
        [&] { return real(descriptor, bytes, size); });
}

ssize_t writev(int descriptor, const iovec* parts, int count)
{
    static const auto real = original<ssize_t (*)(int, const iovec*, int)>("writev");
    return unless<ssize_t>(
        fault("writev", pathOf(descriptor), Needs::Space, [&] { (void)!real(descriptor, parts, count / 2); }),
        [&] { return real(descriptor, parts, count); });
}

#define DSKD_PWRITE(NAME, OFFSET)                                                                                      \
    ssize_t NAME(int descriptor, const void* bytes, std::size_t size, OFFSET offset)                                   \
    {                                                                                                                  \
        static const auto real = original<ssize_t (*)(int, const void*, std::size_t, OFFSET)>(#NAME);                  \
        return unless<ssize_t>(fault(#NAME, pathOf(descriptor), needsOfWrite(descriptor, size, offset),                \
                                     [&] { (void)!real(descriptor, bytes, size / 2, offset); }),                       \
                               [&] { return real(descriptor, bytes, size, offset); });                                 \
    }
DSKD_PWRITE(pwrite, off_t)
DSKD_PWRITE(pwrite64, off64_t)

#define DSKD_SENDFILE(NAME, OFFSET)                                                                                    \
    ssize_t NAME(int to, int from, OFFSET* offset, std::size_t size)                                                   \
    {                                                                                                                  \
        static const auto real = original<ssize_t (*)(int, int, OFFSET*, std::size_t)>(#NAME);                         \
        return unless<ssize_t>(fault(#NAME, pathOf(to), Needs::Space), [&] { return real(to, from, offset, size); });  \
    }
DSKD_SENDFILE(sendfile, off_t)
DSKD_SENDFILE(sendfile64, off64_t)

ssize_t copy_file_range(int from, off64_t* fromOffset, int to, off64_t* toOffset, std::size_t size, unsigned flags)
{
    static const auto real =
        original<ssize_t (*)(int, off64_t*, int, off64_t*, std::size_t, unsigned)>("copy_file_range");
    return unless<ssize_t>(fault("copy_file_range", pathOf(to), Needs::Space),
                           [&] { return real(from, fromOffset, to, toOffset, size, flags); });
}

#define DSKD_BY_DESCRIPTOR(NAME)                                                                                       \
    int NAME(int descriptor)                                                                                           \
    {                                                                                                                  \
        static const auto real = original<int (*)(int)>(#NAME);                                                        \
        return unless<int>(fault(#NAME, syncedPath(descriptor), Needs::Nothing), [&] { return real(descriptor); });    \
    }
DSKD_BY_DESCRIPTOR(fsync)
DSKD_BY_DESCRIPTOR(fdatasync)

#define DSKD_TRUNCATE(NAME, OFFSET)                                                                                    \
    int NAME(int descriptor, OFFSET size) noexcept                                                                     \
    {                                                                                                                  \
        static const auto real = original<int (*)(int, OFFSET)>(#NAME);                                                \
        return unless<int>(fault(#NAME, pathOf(descriptor), Needs::Nothing), [&] { return real(descriptor, size); });  \
    }
DSKD_TRUNCATE(ftruncate, off_t)
DSKD_TRUNCATE(ftruncate64, off64_t)

#define DSKD_ALLOCATE(NAME, OFFSET)                                                                                    \
    int NAME(int descriptor, OFFSET offset, OFFSET size)                                                               \
    {                                                                                                                  \
        static const auto real = original<int (*)(int, OFFSET, OFFSET)>(#NAME);                                        \
        const int error = fault(#NAME, pathOf(descriptor), Needs::Space);                                              \
        return error != 0 ? error : real(descriptor, offset, size); /* returns the error instead of setting errno */   \
    }
DSKD_ALLOCATE(posix_fallocate, off_t)
DSKD_ALLOCATE(posix_fallocate64, off64_t)

int fallocate(int descriptor, int mode, off_t offset, off_t size)
{
    static const auto real = original<int (*)(int, int, off_t, off_t)>("fallocate");
    return unless<int>(fault("fallocate", pathOf(descriptor), Needs::Space),
                       [&] { return real(descriptor, mode, offset, size); });
}

#define DSKD_BY_PATH(NAME)                                                                                             \
    int NAME(const char* path) noexcept                                                                                \
    {                                                                                                                  \
        static const auto real = original<int (*)(const char*)>(#NAME);                                                \
        return unless<int>(fault(#NAME, pathOf(AT_FDCWD, path), Needs::Nothing), [&] { return real(path); });          \
    }
DSKD_BY_PATH(unlink)
DSKD_BY_PATH(rmdir)
DSKD_BY_PATH(remove)

int unlinkat(int folder, const char* path, int flags) noexcept
{
    static const auto real = original<int (*)(int, const char*, int)>("unlinkat");
    return unless<int>(fault("unlinkat", pathOf(folder, path), Needs::Nothing),
                       [&] { return real(folder, path, flags); });
}

int mkdir(const char* path, mode_t mode) noexcept
{
    static const auto real = original<int (*)(const char*, mode_t)>("mkdir");
    return unless<int>(fault("mkdir", pathOf(AT_FDCWD, path), Needs::Space), [&] { return real(path, mode); });
}

int mkdirat(int folder, const char* path, mode_t mode) noexcept
{
    static const auto real = original<int (*)(int, const char*, mode_t)>("mkdirat");
    return unless<int>(fault("mkdirat", pathOf(folder, path), Needs::Space), [&] { return real(folder, path, mode); });
}

int rename(const char* from, const char* to) noexcept
{
    static const auto real = original<int (*)(const char*, const char*)>("rename");
    return unless<int>(fault("rename", pathOf(AT_FDCWD, to), Needs::Nothing), [&] { return real(from, to); });
}

int renameat(int fromFolder, const char* from, int toFolder, const char* to) noexcept
{
    static const auto real = original<int (*)(int, const char*, int, const char*)>("renameat");
    return unless<int>(fault("renameat", pathOf(toFolder, to), Needs::Nothing),
                       [&] { return real(fromFolder, from, toFolder, to); });
}

int renameat2(int fromFolder, const char* from, int toFolder, const char* to, unsigned flags) noexcept
{
    static const auto real = original<int (*)(int, const char*, int, const char*, unsigned)>("renameat2");
    return unless<int>(fault("renameat2", pathOf(toFolder, to), Needs::Nothing),
                       [&] { return real(fromFolder, from, toFolder, to, flags); });
}

int link(const char* from, const char* to) noexcept
{
    static const auto real = original<int (*)(const char*, const char*)>("link");
    return unless<int>(fault("link", pathOf(AT_FDCWD, to), Needs::Nothing), [&] { return real(from, to); });
}

int symlink(const char* target, const char* path) noexcept
{
    static const auto real = original<int (*)(const char*, const char*)>("symlink");
    return unless<int>(fault("symlink", pathOf(AT_FDCWD, path), Needs::Space), [&] { return real(target, path); });
}
}
// NOLINTEND(cert-dcl50-cpp,readability-inconsistent-declaration-parameter-name)
