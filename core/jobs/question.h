#pragma once

// What `dskd-worker --ask` reads from its stdin and writes to its stdout: JSON, of no other version of the program.

#include "core/base/result.h"
#include "core/config/schema/experiment.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// A prompt for several models. Each is the student of an experiment, whose validation.* set how it answers, at which
// length, and whose data in which template (core/train/answers/free_prompt.h).
struct Question {
    std::string prompt;
    bool asItIs = false; // in no template
    std::uint64_t seed = 10;
    std::vector<config::Experiment> models;
    bool cutsPrompt = false; // where it is too long for a model; else that model refuses it
};

[[nodiscard]] std::string toText(const Question& question);
// Fails as config::parseExperiment does, and for what is no question.
Result<Question> parseQuestion(std::string_view text);

struct ModelAnswer {
    std::string prompt; // as the model read it, but for what was cut
    std::string text;
    bool ended = false;     // by the model; false: it was cut at validation.max_new_tokens
    bool promptCut = false; // it was longer than the run's prompts may be or than the model reads, and was to be cut
    double loadSeconds = 0.0;
    double seconds = 0.0;
    std::vector<std::string> warnings = {};
    std::int64_t maxNewTokens = 0; // tokens that the answer could have: fewer than asked for beside a long prompt
};

enum class AnswerState { Waiting, Loading, Answering, Answered, Failed };

// What becomes of one of the models: one line of the worker's output.
struct AnswerNews {
    std::size_t model = 0; // its number in Question::models
    AnswerState state = AnswerState::Waiting;
    ModelAnswer answer = {}; // Answered; while Answering its text so far, and nothing else of it
    Failure failure = {};    // Failed
};

[[nodiscard]] std::string toLine(const AnswerNews& news); // with its line end
Result<AnswerNews> parseNews(std::string_view line);

} // namespace dskd::jobs
