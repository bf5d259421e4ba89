#include "core/base/system_failure.h"

#include <cerrno>
#include <cstring>

namespace dskd
{

Failure systemFailure(const std::string& what)
{
    const int code = errno;
    return {what + ": " + std::strerror(code) + ".",
            code == ENOENT   ? "Check the path."
            : code == ENOSPC ? "Free some space on its disk."
                             : std::string{},
            code == ENOENT ? FailureKind::NotFound : FailureKind::Failed};
}

Failure systemFailure(const std::filesystem::path& path, const char* verb)
{
    return systemFailure(path.string() + " cannot be " + verb);
}

} // namespace dskd
