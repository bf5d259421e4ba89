#pragma once

#include <filesystem>
#include <string>

namespace dskd
{

enum class Leftovers { Files, Folders };

// Removes what killed processes of this machine left in `folder`: files or folders that are called `prefix`PID or
// `prefix`PID-NUMBER (temporaryPrefix), of processes that are gone. What cannot be removed stays.
void removeLeftovers(const std::filesystem::path& folder, const std::string& prefix, Leftovers kind);

} // namespace dskd
