#pragma once

#include "core/config/schema/experiment.h"
#include "core/model/folder/model_config.h"

#include <cstdint>
#include <optional>

namespace dskd::preflight
{

// Bytes that training takes at most, about. Formulas and their error against measured runs: memory_estimate.cpp.
struct MemoryEstimate {
    std::uint64_t program = 0; // LibTorch itself
    std::uint64_t teacher = 0; // weights and the rows it remembers
    std::uint64_t student = 0; // weights, gradients, AdamW's moments
    std::uint64_t activations = 0;
    std::uint64_t losses = 0;     // chunks of logits and their gradients
    std::uint64_t generation = 0; // keys and values while answers are sampled, and what is remembered of them
    [[nodiscard]] std::uint64_t total() const
    {
        return program + teacher + student + activations + losses + generation;
    }
};

// `batchTokens`: tokens of the longest batch, padded (samples x longest sample); `rows`: response rows of the training
// data. Where a reference fidelity pads every sample to data.max_length, that length counts instead. `probeTeacher`:
// log.probe_teacher, where it is used.
[[nodiscard]] MemoryEstimate estimateMemory(const config::Experiment& experiment, const model::ModelConfig& student,
                                            const std::optional<model::ModelConfig>& teacher, std::int64_t batchTokens,
                                            std::int64_t rows,
                                            const std::optional<model::ModelConfig>& probeTeacher = std::nullopt);

} // namespace dskd::preflight
