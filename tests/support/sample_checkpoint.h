#pragma once

#include "core/base/atomic_file.h"
#include "core/base/run_layout.h"
#include "core/model/folder/model_config.h"
#include "core/model/folder/safetensors_header.h"
#include "core/model/folder/tensor_specs.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dskd::test
{

inline constexpr const char* kSampleModelConfig =
    R"({"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": 3, "n_embd": 2, "n_layer": 1,
        "n_head": 1, "n_positions": 4})";

// The weights of a model of kSampleModelConfig, all zero; the file names the step.
inline std::string sampleWeights(std::int64_t step)
{
    const auto config = model::parseModelConfig(kSampleModelConfig, "config.json").value();
    std::vector<model::SafetensorsEntry> entries;
    std::uint64_t end = 0;
    for (const model::TensorSpec& spec : model::tensorSpecs(config)) {
        const std::uint64_t begin = end;
        std::uint64_t bytes = sizeof(float);
        for (const std::int64_t size : spec.shape) {
            bytes *= static_cast<std::uint64_t>(size);
        }
        end += bytes;
        entries.push_back({spec.name, "F32", spec.shape, begin, end});
    }
    return model::layOutSafetensorsHeader(entries, {{"step", std::to_string(step)}}).value() + std::string(end, '\0');
}

// A finished checkpoint of the run with a small model; its other files hold only text.
inline void writeSampleCheckpoint(const RunLayout& run, std::int64_t step)
{
    const CheckpointLayout checkpoint{run.checkpoint(step)};
    std::filesystem::create_directories(checkpoint.root);
    writeFileAtomically(checkpoint.weights(), sampleWeights(step)).value();
    writeFileAtomically(checkpoint.modelConfig(), kSampleModelConfig).value();
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
