#pragma once

#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/model/folder/model_config.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// The estimate that the preflight reports: reads the models' configurations, the tokenizers and a sample of the data.
// Fails with the preflight's first problem of them. Any thread.
Result<MemoryEstimate> estimateMemory(const config::Experiment& experiment);

struct MemoryPart {
    std::string_view what;
    std::uint64_t bytes = 0;
};
// What makes up the total; parts of 0 bytes are left out.
[[nodiscard]] std::vector<MemoryPart> parts(const MemoryEstimate& estimate);
// "306 MB = program 150 + teacher 31 + student with optimizer 119 + …". The parts as printed add up to the sum as
// printed.
[[nodiscard]] std::string partsText(const MemoryEstimate& estimate);
// What a run used at its peak (the largest memory_bytes it logged) beside what was estimated, as a sentence.
[[nodiscard]] std::string peakSentence(const MemoryEstimate& estimate, double peakBytes);

} // namespace dskd::preflight
