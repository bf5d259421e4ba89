#include "core/dataset/sample.h"

#include "core/dataset/conversation.h"

#include <algorithm>
#include <cassert>

namespace dskd::dataset
{

Sample makeSample(const Record& record, const tokenizer::Tokenizer& tokenizer, const config::DataConfig& config)
{
    assert(!record.responses.empty());
    const std::string& response = record.responses.front();
    tokenizer::Encoding asked = tokenizer.encode(promptFor(record, tokenizer));
    std::vector<tokenizer::TokenId>& prompt = asked.ids;
    tokenizer::Encoding answer = tokenizer.encode(response);
    const std::optional<tokenizer::TokenId> eos = tokenizer.special().eos;
    if (eos && record.ended) {
        const auto end = static_cast<std::uint32_t>(response.size());
        answer.ids.push_back(*eos);
        answer.offsets.push_back({end, end});
    }

    const auto longestPrompt =
        static_cast<std::size_t>(std::max<std::int64_t>(0, std::min(config.maxPromptLength, config.maxLength)));
    const bool promptCut = prompt.size() > longestPrompt;
    if (promptCut) {
        const auto excess = static_cast<std::ptrdiff_t>(prompt.size() - longestPrompt);
        if (config.truncatePrompt == config::Side::Left) {
            prompt.erase(prompt.begin(), prompt.begin() + excess);
            asked.offsets.erase(asked.offsets.begin(), asked.offsets.begin() + excess);
        } else {
            prompt.erase(prompt.end() - excess, prompt.end());
            asked.offsets.erase(asked.offsets.end() - excess, asked.offsets.end());
        }
    }
    const std::size_t room = static_cast<std::size_t>(std::max<std::int64_t>(0, config.maxLength)) - prompt.size();
    const std::size_t kept = std::min(room, answer.ids.size());

    Sample sample;
    sample.promptLength = static_cast<std::int64_t>(prompt.size());
    sample.promptOffsets = std::move(asked.offsets);
    sample.promptCut = promptCut;
    sample.responseCut = kept < answer.ids.size();
    sample.endsWithEos = eos.has_value() && record.ended && !sample.responseCut;
    sample.ids = std::move(prompt);
    sample.ids.insert(sample.ids.end(), answer.ids.begin(), answer.ids.begin() + static_cast<std::ptrdiff_t>(kept));
    answer.offsets.resize(kept);
    sample.responseOffsets = std::move(answer.offsets);
    return sample;
}

} // namespace dskd::dataset
