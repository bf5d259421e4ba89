#include "core/base/system_failure.h"

#include <cerrno>
#include <cstring>

namespace dskd
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

} // namespace dskd
