#pragma once

#include <filesystem>
#include <string>

namespace dskd
{

// "AMD EPYC 7763", as the kernel names the first processor; "unknown processor" where it does not. `cpuinfo`:
// /proc/cpuinfo or a file like it. Any thread.
[[nodiscard]] std::string processorName(const std::filesystem::path& cpuinfo = "/proc/cpuinfo");

} // namespace dskd
