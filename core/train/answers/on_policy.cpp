#include "core/train/answers/on_policy.h"

#include "core/base/random_stream.h"
#include "core/config/methods/method_traits.h"
#include "core/train/answers/answers.h"

#include <algorithm>
#include <string>
#include <utility>

namespace dskd::train
{
namespace
{

using tokenizer::ByteSpan;
using tokenizer::TokenId;

// The text of an answer and where its tokens lie in it. The blank that SentencePiece begins a text with is none of it.
std::pair<std::string, std::vector<ByteSpan>> textOf(const tokenizer::Tokenizer& tokenizer,
                                                     std::span<const TokenId> ids)
{
    std::string bytes;
    std::vector<ByteSpan> spans;
    for (const TokenId id : ids) {
        const auto begin = static_cast<std::uint32_t>(bytes.size());
        bytes += tokenizer.bytes(id); // nothing for control tokens
        spans.push_back({begin, static_cast<std::uint32_t>(bytes.size())});
    }
    const std::string decoded = tokenizer.decode(ids, /*skipSpecial=*/true);
    if (bytes.size() == decoded.size() + 1 && bytes.front() == ' ' &&
        bytes.compare(1, std::string::npos, decoded) == 0) {
        for (ByteSpan& span : spans) {
            span.begin -= std::min<std::uint32_t>(span.begin, 1);
            span.end -= std::min<std::uint32_t>(span.end, 1);
        }
        return {decoded, std::move(spans)};
    }
    return {std::move(bytes), std::move(spans)};
}

// Alignments recognise a tokenizer's own end only, and it does not matter for the text which of its ends a model chose.
dataset::Sample withOwnEnd(dataset::Sample sample, const tokenizer::Tokenizer& tokenizer)
{
    if (const auto eos = tokenizer.special().eos; eos && sample.endsWithEos) {
        sample.ids.back() = *eos;
    }
    return sample;
}

} // namespace

OnPolicy::OnPolicy(const config::Experiment& experiment, const Tokenizers& tokenizers,
                   const model::ModelConfig& student, std::int64_t stepsPerEpoch, std::int64_t totalSteps)
    : m_experiment(experiment), m_tokenizers(tokenizers), m_ends(answerEnds(student, *tokenizers.student)),
      m_schedule(experiment.seed, experiment.onPolicy, stepsPerEpoch, totalSteps)
{
}

Example OnPolicy::exampleOf(const Example& asked, const std::vector<std::int64_t>& answer) const
{
    const std::vector<TokenId> ids(answer.begin(), answer.end());
    const tokenizer::Tokenizer& own = *m_tokenizers.student;
    const bool ended = std::find(m_ends.begin(), m_ends.end(), answer.back()) != m_ends.end();
    auto [text, spans] = textOf(own, std::span(ids).first(ids.size() - (ended ? 1 : 0)));
    if (ended) { // behind the text, however it is spelled
        const auto end = static_cast<std::uint32_t>(text.size());
        spans.push_back({end, end});
    }

    Example example;
    example.record.prompt = asked.record.prompt;
    example.record.responses = {text};
    const dataset::Sample& prompt = asked.student;
    example.student.promptLength = prompt.promptLength;
    example.student.ids.assign(prompt.ids.begin(), prompt.ids.begin() + prompt.promptLength);
    example.student.ids.insert(example.student.ids.end(), ids.begin(), ids.end());
    example.student.responseOffsets = std::move(spans);
    example.student.endsWithEos = ended;
    if (m_tokenizers.shared()) {
        example.teacher = example.student;
    } else {
        const tokenizer::Tokenizer& other = *m_tokenizers.teacher;
        tokenizer::Encoding encoding = align::encodeResponse(other, text);
        const dataset::Sample& teacherPrompt = asked.teacher;
        const std::int64_t room = m_experiment.data.maxLength - teacherPrompt.promptLength;
        // an answer that was cut has no end to learn
        const bool hasEos = other.special().eos.has_value();
        const std::int64_t all = static_cast<std::int64_t>(encoding.ids.size());
        const std::int64_t numTaught = hasEos && !example.student.endsWithEos ? all - 1 : all;
        const std::int64_t kept = std::clamp<std::int64_t>(room, 0, numTaught);
        encoding.ids.resize(static_cast<std::size_t>(kept));
        encoding.offsets.resize(static_cast<std::size_t>(kept));
        example.teacher.promptLength = teacherPrompt.promptLength;
        example.teacher.ids.assign(teacherPrompt.ids.begin(), teacherPrompt.ids.begin() + teacherPrompt.promptLength);
        example.teacher.ids.insert(example.teacher.ids.end(), encoding.ids.begin(), encoding.ids.end());
        example.teacher.responseOffsets = std::move(encoding.offsets);
        example.teacher.endsWithEos = kept == all && hasEos;
    }
    const dataset::Sample teacherSample = withOwnEnd(example.teacher, *m_tokenizers.teacher);
    const dataset::Sample studentSample = withOwnEnd(example.student, own);
    const SampleSide teacher{*m_tokenizers.teacher, teacherSample};
    const SampleSide student{own, studentSample};
    example.alignment = alignRows(teacher, student, text, m_experiment.method.alignment, m_tokenizers.edits.get());
    if (config::attends(m_experiment.method)) { // where the teacher's predictions are those of the student's rows
        example.alignment.pairs = exactPartners(teacher, student, text);
    }
    return example;
}

std::optional<std::vector<OwnAnswer>>
OnPolicy::sampled(model::CausalLm& student, std::span<const Example* const> examples,
                  std::span<const std::int64_t> numbers, std::int64_t update, std::int64_t batch,
                  const std::optional<model::Mixture>& teacher, const std::atomic<bool>* stop) const
{
    const config::OnPolicyConfig& config = m_experiment.onPolicy;
    std::vector<std::vector<std::int64_t>> prompts;
    std::vector<std::int64_t> asked;
    std::int64_t longest = 0;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const dataset::Sample& sample = examples[i]->student;
        if (sample.promptLength > 0) { // a model needs a token to go on from
            prompts.emplace_back(sample.ids.begin(), sample.ids.begin() + sample.promptLength);
            asked.push_back(numbers[i]);
            longest = std::max(longest, sample.promptLength);
        }
    }
    model::GenerateOptions options;
    options.maxNewTokens = std::min(config.maxNewTokens, m_experiment.data.maxLength - longest);
    options.temperature = config.temperature;
    options.topP = config.topP;
    options.topK = config.topK;
    options.seed = streamSeed(m_experiment.seed, "on-policy answers " + std::to_string(update));
    options.firstIndex = batch * (std::int64_t{1} << 20); // beyond any micro-batch before
    options.eosIds = m_ends;
    options.vocabularySize = m_tokenizers.student->size();
    std::vector<OwnAnswer> result;
    if (prompts.empty() || options.maxNewTokens <= 0) {
        return result;
    }
    auto generated = teacher ? model::generate(student, *teacher, prompts, options, stop)
                             : model::generate(student, prompts, options, stop);
    if (stop != nullptr && stop->load()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < generated.size(); ++i) {
        if (!generated[i].empty()) {
            result.push_back({asked[i], std::move(generated[i])});
        }
    }
    return result;
}

std::vector<Example> OnPolicy::examplesOf(std::span<const OwnAnswer> answers, std::span<const Example> all) const
{
    std::vector<Example> examples;
    for (const OwnAnswer& answer : answers) {
        Example example = exampleOf(all[static_cast<std::size_t>(answer.sample)], answer.ids);
        if (example.teacher.rows() > 0 && example.student.rows() > 0) {
            examples.push_back(std::move(example));
        }
    }
    return examples;
}

} // namespace dskd::train
