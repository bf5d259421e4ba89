#pragma once

#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/model/folder/model_config.h"

#include <cstdint>
#include <optional>

namespace dskd::preflight
{

// What the checkpoints of a training run take of the disk, about: weights in the run's precision, AdamW's moments in
// float32 (with bf16 a float32 copy of what learns too), projectors. Tokenizer files and headers are not counted.
struct CheckpointSize {
    std::uint64_t each = 0;
    std::int64_t kept = 0; // at most, when the run has ended; one more is there while it is written
    [[nodiscard]] std::uint64_t total() const { return each * static_cast<std::uint64_t>(kept); }
};

// Of a run of `steps` optimizer steps.
[[nodiscard]] CheckpointSize checkpointSize(const config::Experiment& experiment, const model::ModelConfig& student,
                                            const std::optional<model::ModelConfig>& teacher, std::int64_t steps);
// The same; reads the models' config.json and fails as readModelConfig does. Nothing is kept by a job that trains
// nothing. Any thread.
Result<CheckpointSize> checkpointSize(const config::Experiment& experiment, std::int64_t steps);

} // namespace dskd::preflight
