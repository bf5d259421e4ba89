#pragma once

// Which checkpoint of a run is read, held so that a training that goes on does not prune it.

#include "core/base/checkpoint_folders.h"
#include "core/base/result.h"
#include "core/base/run_layout.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dskd::jobs
{

struct CheckpointChoice {
    enum class Which {
        Newest,
        Best, // the lowest validation loss at its step; the earlier of two
        OfStep,
    };
    Which which = Which::Newest;
    std::int64_t step = 0; // OfStep
};

struct PickedCheckpoint {
    std::int64_t step = 0;
    CheckpointUse use;
};

// The step of `finished` (ascending) that is meant: `wanted`, or the newest. NotFound where it is not among them. `id`:
// what sentences call the run.
Result<std::int64_t> chooseStep(const std::vector<std::int64_t>& finished, const std::string& id,
                                std::optional<std::int64_t> wanted);

// `id`: what sentences call the run. NotFound where it has no such checkpoint (any more), or where none of those that
// it has was validated and the best is wanted. Throws Error when checkpoints or run.db cannot be read. Any thread.
Result<PickedCheckpoint> pickCheckpoint(const RunLayout& run, const std::string& id, const CheckpointChoice& request);

} // namespace dskd::jobs
