#pragma once

#include "core/base/atomic_file.h"
#include "core/base/run_layout.h"

#include <filesystem>
#include <string>

namespace dskd::test
{

// A finished checkpoint of the run with the files that a model's has; what they hold is only text.
inline void writeSampleCheckpoint(const RunLayout& run, std::int64_t step)
{
    const CheckpointLayout checkpoint{run.checkpoint(step)};
    std::filesystem::create_directories(checkpoint.root);
    writeFileAtomically(checkpoint.weights(), "weights of step " + std::to_string(step)).value();
    writeFileAtomically(checkpoint.modelConfig(), "{}").value();
    writeFileAtomically(checkpoint.root / "tokenizer.json", "{}").value();
    writeFileAtomically(checkpoint.projectors(), "for training only").value();
    writeFileAtomically(checkpoint.optimizer(), "for training only").value();
    writeFileAtomically(checkpoint.trainerState(), "for training only").value();
    writeFileAtomically(checkpoint.done(), "").value();
}

// The same of a run that trains an adapter alone: the worker merges it when it is exported.
inline void writeSampleAdapterCheckpoint(const RunLayout& run, std::int64_t step)
{
    const CheckpointLayout checkpoint{run.checkpoint(step)};
    std::filesystem::create_directories(checkpoint.root);
    writeFileAtomically(checkpoint.root / "adapter_config.json", "{}").value();
    writeFileAtomically(checkpoint.root / "adapter_model.safetensors", "an adapter").value();
    writeFileAtomically(checkpoint.root / "tokenizer.json", "{}").value();
    writeFileAtomically(checkpoint.done(), "").value();
}

} // namespace dskd::test
