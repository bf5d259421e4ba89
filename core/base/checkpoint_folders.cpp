#include "core/base/checkpoint_folders.h"

#include "core/base/failure.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <system_error>

namespace dskd
{

namespace
{

[[noreturn]] void cannotRead(const std::filesystem::path& path, const std::error_code& error)
{
    throw Error("The checkpoints of this run cannot be read: " + path.string() + ": " + error.message() + ".",
                "Check the permissions of the folder and the disk.");
}

bool isThere(const std::filesystem::path& path)
{
    std::error_code error;
    const bool there = std::filesystem::exists(path, error);
    if (error) {
        cannotRead(path, error);
    }
    return there;
}

} // namespace

std::optional<std::int64_t> checkpointStep(const std::string& name)
{
    constexpr std::string_view kPrefix = "step-";
    if (!name.starts_with(kPrefix)) {
        return std::nullopt;
    }
    std::int64_t step = 0;
    const char* end = name.data() + name.size();
    const auto [parsed, problem] = std::from_chars(name.data() + kPrefix.size(), end, step);
    const bool whole = problem == std::errc() && parsed == end && step >= 0;
    return whole && RunLayout{}.checkpoint(step).filename() == name ? std::optional(step) : std::nullopt;
}

std::vector<std::int64_t> finishedCheckpoints(const RunLayout& run)
{
    std::vector<std::int64_t> steps;
    if (!isThere(run.checkpoints())) {
        return steps;
    }
    std::error_code error;
    std::filesystem::directory_iterator entries(run.checkpoints(), error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const std::optional<std::int64_t> step = checkpointStep(entries->path().filename().string());
        if (step && isThere(CheckpointLayout{entries->path()}.done())) {
            steps.push_back(*step);
        }
    }
    if (error) {
        cannotRead(run.checkpoints(), error);
    }
    std::sort(steps.begin(), steps.end());
    return steps;
}

std::optional<CheckpointUse> CheckpointUse::of(const std::filesystem::path& folder)
{
    Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.isOpen()) {
        return std::nullopt;
    }
    // Waits for a pruning that has begun. Without locks no process is kept away.
    (void)::flock(opened.number(), LOCK_SH);
    std::error_code error;
    return std::filesystem::exists(CheckpointLayout{folder}.done(), error)
               ? std::optional(CheckpointUse(std::move(opened)))
               : std::nullopt;
}

std::optional<CheckpointUse> CheckpointUse::alone(const std::filesystem::path& folder)
{
    Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.isOpen() && ::flock(opened.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return std::nullopt;
    }
    return CheckpointUse(std::move(opened));
}

bool CheckpointUse::isUsed(const std::filesystem::path& folder)
{
    return !alone(folder);
}

std::optional<std::int64_t> latestCheckpoint(const RunLayout& run)
{
    const std::vector<std::int64_t> steps = finishedCheckpoints(run);
    return steps.empty() ? std::nullopt : std::optional(steps.back());
}

} // namespace dskd
