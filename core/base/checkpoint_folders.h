#pragma once

#include "core/base/descriptor.h"
#include "core/base/run_layout.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dskd
{

// The step of a checkpoint's folder of this name, as RunLayout::checkpoint writes it; none of any other name, such as
// "step-5 best" or "step-05".
[[nodiscard]] std::optional<std::int64_t> checkpointStep(const std::string& name);

// The checkpoints of a run that were written to the end (with DONE), by step, ascending. Interrupted ones and folders
// with other names are passed over. Empty when there is no run folder. Throws Error when they are there but cannot be
// read, which must not look as if there were none.
[[nodiscard]] std::vector<std::int64_t> finishedCheckpoints(const RunLayout& run);

// Keeps a checkpoint from being pruned while it is read: a shared lock (flock) on its folder. Who prunes it holds the
// lock alone until it is gone.
class CheckpointUse
{
public:
    // Nothing where there is no finished checkpoint in the folder (any more).
    [[nodiscard]] static std::optional<CheckpointUse> of(const std::filesystem::path& folder);
    // For who removes the folder. Nothing while any process uses it; where the file system has no locks, nobody does.
    [[nodiscard]] static std::optional<CheckpointUse> alone(const std::filesystem::path& folder);
    // Whether any process uses it.
    [[nodiscard]] static bool isUsed(const std::filesystem::path& folder);

private:
    explicit CheckpointUse(Descriptor folder) : m_folder(std::move(folder)) {}
    Descriptor m_folder;
};

// The step of the newest finished checkpoint: where a resume begins.
[[nodiscard]] std::optional<std::int64_t> latestCheckpoint(const RunLayout& run);

} // namespace dskd
