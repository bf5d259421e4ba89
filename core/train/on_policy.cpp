#include "core/train/on_policy.h"

#include "core/base/random_stream.h"
#include "core/config/method_traits.h"

#include <algorithm>
#include <string>
#include <utility>

namespace dskd::train
{
namespace
{

using tokenizer::ByteSpan;
using tokenizer::TokenId;

// The ids that end an answer: the tokenizer's and those that the model's configuration adds.
std::vector<std::int64_t> endIds(const model::CausalLm& student, const tokenizer::Tokenizer& tokenizer)
{
    std::vector<std::int64_t> ids = student.config().eosIds;
    if (const auto eos = tokenizer.special().eos; eos && std::find(ids.begin(), ids.end(), *eos) == ids.end()) {
        ids.push_back(*eos);
    }
    return ids;
}

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

} // namespace

OnPolicy::OnPolicy(const config::Experiment& experiment, const Tokenizers& tokenizers, std::int64_t stepsPerEpoch,
                   std::int64_t totalSteps)
    : m_experiment(experiment), m_tokenizers(tokenizers),
      m_schedule(experiment.seed, experiment.onPolicy, stepsPerEpoch, totalSteps)
{
}

Example OnPolicy::exampleOf(const Example& asked, const std::vector<std::int64_t>& answer) const
{
    const std::vector<TokenId> ids(answer.begin(), answer.end());
    const tokenizer::Tokenizer& own = *m_tokenizers.student;
    auto [text, spans] = textOf(own, ids);

    Example example;
    example.record.prompt = asked.record.prompt;
    example.record.responses = {text};
    const dataset::Sample& prompt = asked.student;
    example.student.promptLength = prompt.promptLength;
    example.student.ids.assign(prompt.ids.begin(), prompt.ids.begin() + prompt.promptLength);
    example.student.ids.insert(example.student.ids.end(), ids.begin(), ids.end());
    example.student.responseOffsets = std::move(spans);
    example.student.endsWithEos = own.special().eos == ids.back();
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
        const std::int64_t told = hasEos && !example.student.endsWithEos ? all - 1 : all;
        const std::int64_t kept = std::clamp<std::int64_t>(room, 0, told);
        encoding.ids.resize(static_cast<std::size_t>(kept));
        encoding.offsets.resize(static_cast<std::size_t>(kept));
        example.teacher.promptLength = teacherPrompt.promptLength;
        example.teacher.ids.assign(teacherPrompt.ids.begin(), teacherPrompt.ids.begin() + teacherPrompt.promptLength);
        example.teacher.ids.insert(example.teacher.ids.end(), encoding.ids.begin(), encoding.ids.end());
        example.teacher.responseOffsets = std::move(encoding.offsets);
        example.teacher.endsWithEos = kept == all && hasEos;
    }
    const SampleSide teacher{*m_tokenizers.teacher, example.teacher};
    const SampleSide student{own, example.student};
    example.alignment = alignRows(teacher, student, text, m_experiment.method.alignment, m_tokenizers.edits.get());
    if (config::attends(m_experiment.method)) { // where the teacher's predictions are those of the student's rows
        const config::Alignment exact = m_tokenizers.shared() ? config::Alignment::Position : config::Alignment::Eta;
        example.alignment.pairs = alignRows(teacher, student, text, exact).pairs;
    }
    return example;
}

std::vector<OwnAnswer> OnPolicy::sampled(model::CausalLm& student, std::span<const Example* const> examples,
                                         std::span<const std::int64_t> numbers, std::int64_t update, std::int64_t batch,
                                         const std::optional<model::Mixture>& teacher) const
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
    options.eosIds = endIds(student, *m_tokenizers.student);
    options.vocabularySize = m_tokenizers.student->size();
    std::vector<OwnAnswer> result;
    if (prompts.empty() || options.maxNewTokens <= 0) {
        return result;
    }
    auto generated =
        teacher ? model::generate(student, *teacher, prompts, options) : model::generate(student, prompts, options);
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
