#pragma once

// A prompt that somebody types, answered by one model as an evaluation would answer it.

#include "core/config/schema/experiment.h"
#include "core/train/job/observer.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace dskd::train
{

struct FreePrompt {
    std::string text;
    bool asItIs = false;    // not in the prompt template of the experiment's data
    std::uint64_t seed = 0; // of sampling; the same as that of a run gives what the run answers to its first prompt
    bool cut = false;       // a prompt that is too long is cut as an evaluation cuts it; else it is refused
};

struct FreeAnswer {
    std::string prompt; // as the model read it, but for what was cut
    std::string answer;
    bool ended = false;     // by an end-of-text token; false: it was cut
    bool promptCut = false; // to data.max_prompt_length, or to the model's positions; only where FreePrompt::cut
    double loadSeconds = 0.0;
    double seconds = 0.0;          // of the answer
    std::int64_t maxNewTokens = 0; // the longest that the answer could be
};

// The student of the experiment answers, with the settings of validation.* (max_new_tokens, temperature, top_p, top_k)
// and on train.device; data.validation, where it can be read, shows how its prompts are made (dataset::Asking). Tells
// the observer the phases "loading" and "generating" and warnings, and nothing else. Nothing when `cancel` turned true
// before the end. Throws Error;
// Usage for a prompt of more tokens than data.max_prompt_length or than the model's positions leave room for beside one
// token of an answer. A whole prompt goes before a long answer: where both exceed the positions,
// validation.max_new_tokens is lowered, and a warning names the number.
// `onText` hears the answer so far, as soon as it has a word and then a few times a second.
[[nodiscard]] std::optional<FreeAnswer> answerFreePrompt(const config::Experiment& experiment, const FreePrompt& prompt,
                                                         Observer& observer, const std::atomic<bool>& cancel,
                                                         const std::function<void(const std::string&)>& onText = {});

} // namespace dskd::train
