#pragma once

#include "core/base/failure.h"

#include <filesystem>
#include <string>

namespace dskd
{

// errno as a failure; call it at once, because errno changes. NotFound where there is no such file.
[[nodiscard]] Failure systemFailure(const std::string& what); // "WHAT: reason."
[[nodiscard]] Failure systemFailure(const std::filesystem::path& path,
                                    const char* verb); // "PATH cannot be VERB: reason."

} // namespace dskd
