#include "core/train/answers/free_prompt.h"

#include "core/base/checkpoint_folders.h"
#include "core/base/result.h"
#include "core/base/utf8.h"
#include "core/dataset/conversation.h"
#include "core/dataset/question.h"
#include "core/metrics/run_phases.h"
#include "core/train/answers/answers.h"
#include "core/train/data/job_data.h"
#include "core/train/job/device.h"
#include "core/train/job/preflight.h"
#include "core/train/job/training_setup.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dskd::train
{
namespace
{

constexpr std::chrono::milliseconds kBetweenTexts{200};

double secondsSince(std::chrono::steady_clock::time_point begin)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Where the data is gone, the prompt is an instruction: what most data asks.
dataset::Asking askingOf(const config::DataConfig& data, Observer& observer)
{
    const auto asking = data.validation.empty() ? Result<dataset::Asking>(dataset::Asking::Instruction)
                                                : dataset::askingOf(data.validation, data);
    if (!asking) {
        observer.onEvent(0, "warning",
                         "The prompt is written as an instruction, because the data does not show how it asks. " +
                             asking.failure().what);
        return dataset::Asking::Instruction;
    }
    return *asking;
}

Example exampleOf(const FreePrompt& prompt, const config::Experiment& experiment, const tokenizer::Tokenizer& tokenizer,
                  Observer& observer)
{
    Example example;
    if (prompt.asItIs) {
        example.record.prompt = prompt.text;
        example.record.responses = {""};
    } else {
        example.record = orThrow(
            dataset::questionRecord(prompt.text, askingOf(experiment.data, observer), experiment.data, tokenizer),
            FailureKind::BadData);
    }
    example.student = dataset::makeSample(example.record, tokenizer, experiment.data);
    example.record.responses.clear(); // there is no reference
    return example;
}

Error tooLong(std::int64_t length, const std::string& limit)
{
    return Error("The prompt has " + std::to_string(length) + " tokens, " + limit + ".",
                 "Shorten it, or let it be cut as evaluations cut theirs: `dskd ask --cut`.", FailureKind::Usage);
}

// Throws where more of the prompt would be lost than the person wants.
void checkLength(const FreePrompt& prompt, const Example& example, const config::DataConfig& data,
                 const tokenizer::Tokenizer& tokenizer, std::int64_t positions)
{
    if (prompt.cut) {
        return;
    }
    const auto length =
        static_cast<std::int64_t>(tokenizer.encode(dataset::promptFor(example.record, tokenizer)).ids.size());
    if (length >= positions) {
        throw tooLong(length, "and the model has " + std::to_string(positions) + " positions for prompt and answer");
    }
    if (example.student.promptCut) {
        const bool byPrompt = data.maxPromptLength <= data.maxLength;
        throw tooLong(length, "and this run reads at most " +
                                  std::to_string(byPrompt ? data.maxPromptLength : data.maxLength) + " (" +
                                  (byPrompt ? "data.max_prompt_length" : "data.max_length") + ")");
    }
}

// The longest answer beside a prompt of that length. A prompt that fills all positions and may be cut leaves it half.
std::int64_t answerLength(std::int64_t wanted, std::int64_t promptLength, std::int64_t positions, Observer& observer)
{
    const std::int64_t room =
        promptLength < positions ? positions - promptLength : std::max<std::int64_t>(1, positions / 2);
    if (wanted <= room) {
        return wanted;
    }
    observer.onEvent(0, "warning",
                     "The answer gets at most " + std::to_string(room) + " tokens instead of " +
                         std::to_string(wanted) + ": the model has " + std::to_string(positions) +
                         " positions, and the prompt takes " + std::to_string(positions - room) + " of them.");
    return room;
}

// An answer that may end within a character of several tokens, without its outer blanks.
std::string textSoFar(const std::vector<std::int64_t>& tokens, const tokenizer::Tokenizer& tokenizer)
{
    const std::vector<tokenizer::TokenId> ids(tokens.begin(), tokens.end());
    std::string text = tokenizer.decode(ids, /*skipSpecial=*/true);
    while (text.ends_with(kReplacementCharacter)) {
        text.resize(text.size() - kReplacementCharacter.size());
    }
    constexpr const char* kBlank = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kBlank);
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

} // namespace

std::optional<FreeAnswer> answerFreePrompt(const config::Experiment& experiment, const FreePrompt& prompt,
                                           Observer& observer, const std::atomic<bool>& cancel,
                                           const std::function<void(const std::string&)>& onText)
{
    const auto begin = std::chrono::steady_clock::now();
    observer.onPhase(0, metrics::kLoadingPhase);
    makeDeterministic(experiment.train.threads);
    model::LoadOptions load;
    load.dtype = dtypeOf(experiment.train.precision);
    load.device = pickDevice(experiment.train.device);
    const auto use = CheckpointUse::of(experiment.student.model); // until it is loaded
    const Tokenizers tokenizers = loadTokenizers(experiment);
    const auto config = orThrow(model::readModelConfig(experiment.student.model), FailureKind::BadModel);
    orThrow(checkModel("student", config, *tokenizers.student, experiment.data), FailureKind::BadModel);
    const Example example = exampleOf(prompt, experiment, *tokenizers.student, observer);
    AnswerOptions options = answerOptions(experiment);
    options.seed = prompt.seed;
    const std::int64_t positions = promptRoom(config, /*maxNewTokens=*/1) + 1;
    checkLength(prompt, example, experiment.data, *tokenizers.student, positions);
    options.maxNewTokens = answerLength(options.maxNewTokens, example.student.promptLength, positions, observer);
    const std::unique_ptr<model::CausalLm> model = loadStudent(experiment, std::nullopt, load, observer);
    FreeAnswer result;
    result.loadSeconds = secondsSince(begin);
    if (cancel) {
        return std::nullopt;
    }

    observer.onPhase(0, metrics::kGeneratingPhase);
    const auto answering = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point told{};
    const std::vector<std::int64_t> ends = answerEnds(model->config(), *tokenizers.student);
    if (onText) {
        options.onTokens = [&](const std::vector<std::int64_t>& tokens) {
            const auto now = std::chrono::steady_clock::now();
            const bool isLast = std::find(ends.begin(), ends.end(), tokens.back()) != ends.end(); // no text of its own
            if (isLast || now - told < kBetweenTexts) { // all tokens are decoded each time
                return;
            }
            if (const std::string text = textSoFar(tokens, *tokenizers.student); !text.empty()) {
                told = now;
                onText(text);
            }
        };
    }
    const std::vector<GeneratedAnswer> answers =
        answerPrompts(*model, *tokenizers.student, std::span(&example, 1), options, &cancel);
    if (answers.empty()) {
        return std::nullopt;
    }
    result.seconds = secondsSince(answering);
    result.prompt = example.record.prompt;
    result.answer = answers.front().answer;
    result.ended = answers.front().ended;
    result.maxNewTokens = options.maxNewTokens;
    result.promptCut =
        example.student.promptCut || promptRoom(model->config(), options.maxNewTokens) < example.student.promptLength;
    return result;
}

} // namespace dskd::train
