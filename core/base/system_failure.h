#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace dskd
{

// errno as a failure: "PATH cannot be VERB: reason."; NotFound where there is no such file. Call it at once: errno
// changes.
[[nodiscard]] Failure systemFailure(const std::filesystem::path& path, const char* verb);

} // namespace dskd
