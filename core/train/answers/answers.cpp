#include "core/train/answers/answers.h"

#include "core/base/random_stream.h"
#include "core/score/exact_match.h"
#include "core/score/rouge.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace dskd::train
{
namespace
{

// As the published evaluation cleans answers up: no special tokens, nothing after an end-of-text mark, no outer blanks.
std::string cleanAnswer(std::string text)
{
    text = text.substr(0, text.find("<|endoftext|>"));
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlank);
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::int64_t> promptIds(const Example& example, const tokenizer::Tokenizer& tokenizer,
                                    std::int64_t mostTokens)
{
    const auto& ids = example.student.ids;
    std::vector<std::int64_t> prompt(ids.begin(), ids.begin() + example.student.promptLength);
    if (static_cast<std::int64_t>(prompt.size()) > mostTokens) { // the end of a prompt holds the question
        prompt.erase(prompt.begin(), prompt.end() - mostTokens);
    }
    if (prompt.empty()) { // a model needs a token to go on from
        const tokenizer::SpecialTokens& special = tokenizer.special();
        prompt.push_back(special.bos.value_or(special.eos.value_or(0)));
    }
    return prompt;
}

std::int64_t positionsOf(const model::ModelConfig& model)
{
    return model.maxPositions > 0 ? model.maxPositions : INT32_MAX;
}

// Of an answer, so that a token of the prompt has a position too.
std::int64_t answerRoom(const model::ModelConfig& model, std::int64_t maxNewTokens)
{
    return std::min(maxNewTokens, std::max<std::int64_t>(1, positionsOf(model) - 1));
}

} // namespace

std::int64_t promptRoom(const model::ModelConfig& model, std::int64_t maxNewTokens)
{
    return positionsOf(model) - answerRoom(model, maxNewTokens);
}

std::vector<std::int64_t> answerEnds(const model::ModelConfig& model, const tokenizer::Tokenizer& tokenizer)
{
    std::vector<std::int64_t> ids = model.eosIds;
    if (const auto eos = tokenizer.special().eos; eos && std::find(ids.begin(), ids.end(), *eos) == ids.end()) {
        ids.push_back(*eos);
    }
    return ids;
}

AnswerOptions answerOptions(const config::Experiment& experiment)
{
    const config::ValidationConfig& validation = experiment.validation;
    AnswerOptions options;
    options.maxNewTokens = validation.maxNewTokens;
    options.temperature = validation.temperature;
    options.topP = validation.topP;
    options.topK = validation.topK;
    options.seed = experiment.seed;
    options.batchSize = 2 * experiment.train.batchSize;
    return options;
}

AnswerProgress answerProgress(std::size_t numPrompts, const AnswerOptions& options, Observer& observer,
                              std::int64_t step, const std::string& prefix)
{
    return {numPrompts, options.maxNewTokens, options.batchSize,
            [&observer, step, prefix](const std::string& words) { observer.onPhase(step, prefix + words); }};
}

std::vector<GeneratedAnswer> answerPrompts(model::CausalLm& model, const tokenizer::Tokenizer& tokenizer,
                                           std::span<const Example> examples, const AnswerOptions& options,
                                           const std::atomic<bool>* cancel)
{
    model::GenerateOptions generation;
    generation.maxNewTokens = answerRoom(model.config(), options.maxNewTokens);
    generation.temperature = options.temperature;
    generation.topP = options.topP;
    generation.topK = options.topK;
    generation.seed = streamSeed(options.seed, "sampling");
    generation.vocabularySize = tokenizer.size();
    generation.eosIds = answerEnds(model.config(), tokenizer);
    std::vector<GeneratedAnswer> answers;
    const auto batchSize = static_cast<std::size_t>(std::max<std::int64_t>(1, options.batchSize));
    for (std::size_t first = 0; first < examples.size(); first += batchSize) {
        const auto batch = examples.subspan(first, std::min(batchSize, examples.size() - first));
        std::vector<std::vector<std::int64_t>> prompts;
        for (const Example& example : batch) {
            prompts.push_back(promptIds(example, tokenizer, promptRoom(model.config(), options.maxNewTokens)));
        }
        generation.firstIndex = options.firstSample + static_cast<std::int64_t>(first);
        generation.onDrawn = {};
        const bool isHeard = options.onTokens && first == 0;
        if (isHeard || options.progress != nullptr) {
            generation.onDrawn = [&options, isHeard](std::size_t prompt, const std::vector<std::int64_t>& tokens) {
                if (options.progress != nullptr) {
                    options.progress->tokenDrawn(static_cast<std::int64_t>(tokens.size()));
                }
                if (isHeard && prompt == 0) {
                    options.onTokens(tokens);
                }
            };
        }
        const auto generated = model::generate(model, prompts, generation, cancel);
        if (cancel != nullptr && cancel->load()) {
            break; // these answers may be cut off in the middle
        }
        if (options.progress != nullptr) {
            options.progress->batchAnswered(batch.size());
        }
        for (std::size_t i = 0; i < batch.size(); ++i) {
            std::vector<tokenizer::TokenId> ids(generated[i].begin(), generated[i].end());
            GeneratedAnswer answer;
            answer.sample = generation.firstIndex + static_cast<std::int64_t>(i);
            answer.prompt = batch[i].record.prompt;
            answer.ended = !generated[i].empty() && std::find(generation.eosIds.begin(), generation.eosIds.end(),
                                                              generated[i].back()) != generation.eosIds.end();
            if (answer.ended) { // a tokenizer need not call it special
                ids.pop_back();
            }
            answer.answer = cleanAnswer(tokenizer.decode(ids, /*skipSpecial=*/true));
            if (!batch[i].record.responses.empty()) {
                answer.reference = batch[i].record.responses.front();
            }
            const std::span<const std::string> references = batch[i].record.responses;
            answer.rougeL = score::rougeL(references, answer.answer).f1;
            answer.exactMatch = score::exactMatch(references, answer.answer);
            answers.push_back(std::move(answer));
        }
    }
    return answers;
}

double meanRougeL(const std::vector<GeneratedAnswer>& answers)
{
    double sum = 0.0;
    for (const GeneratedAnswer& answer : answers) {
        sum += answer.rougeL;
    }
    return answers.empty() ? 0.0 : sum / static_cast<double>(answers.size());
}

double exactMatchRate(const std::vector<GeneratedAnswer>& answers)
{
    const auto matches = std::count_if(answers.begin(), answers.end(), [](const auto& a) { return a.exactMatch; });
    return answers.empty() ? 0.0 : static_cast<double>(matches) / static_cast<double>(answers.size());
}

} // namespace dskd::train
