#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string_view>

namespace dskd
{

// Writes beside `path`, flushes to the disk, then renames: a reader sees the old file or the new one, never half of it.
Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content);

} // namespace dskd
