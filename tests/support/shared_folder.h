#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace dskd::test
{

// The papers' tokenizers (tokenizers/<name>) and data (data/<name>), which the repository does not hold: the folder
// that DSKD_SHARED names. Where it names none, tests of them are skipped with this sentence.
[[nodiscard]] inline std::optional<std::filesystem::path> sharedFolder()
{
    const char* folder = std::getenv("DSKD_SHARED");
    return folder == nullptr || *folder == '\0' ? std::nullopt : std::optional<std::filesystem::path>(folder);
}

inline constexpr const char* kNoSharedFolder =
    "DSKD_SHARED names no folder: the papers' tokenizers and data are not in the repository";

} // namespace dskd::test
