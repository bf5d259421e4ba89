#pragma once

// The pairs of models that benchmarks measure, with random weights of the true shapes, and batches like Dolly's.

#include "core/base/result.h"
#include "core/model/folder/model_config.h"
#include "core/train/data/job_data.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace dskd::bench
{

struct Shape {
    std::string_view name;
    std::string_view title;
    model::ModelConfig teacher;
    model::ModelConfig student; // of the teacher's vocabulary
    bool lora = false;          // the student learns an adapter (rank 256, as the published scripts do) and no weights
};

// Fails naming the shapes that there are.
Result<Shape> findShape(std::string_view name);

// Positions of the samples whose prompts BenchKind::Generate continues.
inline constexpr std::int64_t kPromptPositions = 256;

// `count` samples of random tokens, the same in both models. Lengths of prompts and answers are those of the first
// records of Dolly in GPT-2's tokens (the alpaca template), one after the other and again from the first; a sample
// reads at most `length` positions, and then its prompt at most half of them.
[[nodiscard]] std::vector<train::Example> dollyLikeExamples(std::int64_t count, std::int64_t length,
                                                            std::int64_t vocabulary, std::uint64_t seed);

// The rows of that batch that are scored.
[[nodiscard]] std::int64_t dollyLikeRows(std::int64_t count, std::int64_t length);

} // namespace dskd::bench
