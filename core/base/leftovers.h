#pragma once

#include <filesystem>
#include <string>

namespace dskd
{

// Removes what killed processes of this machine left in `folder`: files and folders that are called `prefix`PID or
// `prefix`PID-NUMBER, of processes that are gone. What cannot be removed stays.
void removeLeftovers(const std::filesystem::path& folder, const std::string& prefix);

} // namespace dskd
