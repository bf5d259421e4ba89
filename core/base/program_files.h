#pragma once

// The running program's folder, and the files that come with the programs: the demo and the guide.

#include <filesystem>

namespace dskd
{

// The folder that the running program lies in, links resolved; empty where /proc does not say. Any thread.
[[nodiscard]] std::filesystem::path programFolder();

// The folder that holds resources/ and experiments/: share/dskd beside the program's folder. An installation puts them
// there; in a build tree links lead from there into the sources (cmake/Install.cmake). It need not exist. Any thread.
[[nodiscard]] std::filesystem::path programFiles();

} // namespace dskd
