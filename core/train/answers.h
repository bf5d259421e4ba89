#pragma once

#include "core/model/causal_lm.h"
#include "core/model/generate.h"
#include "core/tokenizer/tokenizer.h"
#include "core/train/job_data.h"
#include "core/train/observer.h"

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace dskd::train
{

struct AnswerOptions {
    std::int64_t maxNewTokens = 64;
    double temperature = 0.0; // 0: greedy
    double topP = 1.0;
    std::int64_t topK = 0;
    std::uint64_t seed = 0;       // of the run; answers draw from its stream "sampling"
    std::int64_t batchSize = 16;  // prompts at once
    std::int64_t firstSample = 0; // number of the first prompt; what is drawn for a prompt depends on its number
};

[[nodiscard]] AnswerOptions answerOptions(const config::Experiment& experiment);

// Lets the model answer the prompts of the examples. ROUGE-L is the best over an example's references; 0 without one.
// `cancel` ends it early with the answers there are.
[[nodiscard]] std::vector<GeneratedAnswer> answerPrompts(model::CausalLm& model, const tokenizer::Tokenizer& tokenizer,
                                                         std::span<const Example> examples,
                                                         const AnswerOptions& options,
                                                         const std::atomic<bool>* cancel = nullptr);

[[nodiscard]] double meanRougeL(const std::vector<GeneratedAnswer>& answers);
[[nodiscard]] double exactMatchRate(const std::vector<GeneratedAnswer>& answers); // in [0, 1]

} // namespace dskd::train
