#pragma once

#include "core/model/causal_lm.h"
#include "core/model/generate.h"
#include "core/tokenizer/tokenizer.h"
#include "core/train/answers/answer_progress.h"
#include "core/train/data/job_data.h"
#include "core/train/job/observer.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
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
    // Hears after each new token of the first example its new tokens so far.
    std::function<void(const std::vector<std::int64_t>& tokens)> onTokens = {};
    AnswerProgress* progress = nullptr; // counts tokens and answers; must live as long as the call
};

[[nodiscard]] AnswerOptions answerOptions(const config::Experiment& experiment);

// Of answers with these options to `numPrompts` prompts, in as many calls as the caller likes; reported as a phase of
// the job at `step`, behind `prefix`.
[[nodiscard]] AnswerProgress answerProgress(std::size_t numPrompts, const AnswerOptions& options, Observer& observer,
                                            std::int64_t step, const std::string& prefix = {});

// The tokens that end an answer: those that the model's configuration names (a chat model may end its answers by
// several), and the tokenizer's own end of text. Generation stops at any of them.
[[nodiscard]] std::vector<std::int64_t> answerEnds(const model::ModelConfig& model,
                                                   const tokenizer::Tokenizer& tokenizer);

// Tokens of a prompt that the model's positions leave room for beside an answer of that length. Of a longer prompt
// answerPrompts keeps the end.
[[nodiscard]] std::int64_t promptRoom(const model::ModelConfig& model, std::int64_t maxNewTokens);

// Lets the model answer the prompts of the examples. ROUGE-L is the best over an example's references; 0 without one.
// The token that ended an answer is none of its text. `cancel` ends it within one decoding step, with the batches that
// are answered.
[[nodiscard]] std::vector<GeneratedAnswer> answerPrompts(model::CausalLm& model, const tokenizer::Tokenizer& tokenizer,
                                                         std::span<const Example> examples,
                                                         const AnswerOptions& options,
                                                         const std::atomic<bool>* cancel = nullptr);

[[nodiscard]] double meanRougeL(const std::vector<GeneratedAnswer>& answers);
[[nodiscard]] double exactMatchRate(const std::vector<GeneratedAnswer>& answers); // in [0, 1]

} // namespace dskd::train
