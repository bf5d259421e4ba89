#include "core/base/checkpoint_folders.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

namespace dskd
{

std::vector<std::int64_t> finishedCheckpoints(const RunLayout& run)
{
    constexpr std::string_view kPrefix = "step-";
    std::vector<std::int64_t> steps;
    std::error_code error;
    std::filesystem::directory_iterator entries(run.checkpoints(), error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const std::string name = entries->path().filename().string();
        if (!name.starts_with(kPrefix)) {
            continue;
        }
        std::int64_t step = 0;
        const char* end = name.data() + name.size();
        const auto [parsed, problem] = std::from_chars(name.data() + kPrefix.size(), end, step);
        std::error_code missing;
        if (problem == std::errc() && parsed == end && step >= 0 &&
            std::filesystem::exists(CheckpointLayout{entries->path()}.done(), missing)) {
            steps.push_back(step);
        }
    }
    std::sort(steps.begin(), steps.end());
    return steps;
}

std::optional<std::int64_t> latestCheckpoint(const RunLayout& run)
{
    const std::vector<std::int64_t> steps = finishedCheckpoints(run);
    return steps.empty() ? std::nullopt : std::optional(steps.back());
}

} // namespace dskd
