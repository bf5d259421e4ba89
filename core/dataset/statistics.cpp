#include "core/dataset/statistics.h"

#include "core/dataset/conversation.h"

#include <algorithm>
#include <numeric>

namespace dskd::dataset
{

LengthSummary summarise(std::vector<std::int64_t> lengths)
{
    if (lengths.empty()) {
        return {};
    }
    std::sort(lengths.begin(), lengths.end());
    const std::size_t count = lengths.size();
    LengthSummary summary;
    summary.mean = static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0})) /
                   static_cast<double>(count);
    summary.median = static_cast<double>(lengths[(count - 1) / 2] + lengths[count / 2]) / 2;
    summary.p95 = lengths[(count * 95 + 99) / 100 - 1];
    summary.max = lengths.back();
    return summary;
}

DataStatistics measureLengths(std::span<const Record> records, const tokenizer::Tokenizer& tokenizer,
                              const config::DataConfig& config)
{
    DataStatistics statistics;
    if (records.empty()) {
        return statistics;
    }
    const std::int64_t eosLength = tokenizer.special().eos.has_value() ? 1 : 0;
    std::vector<std::int64_t> prompts;
    std::vector<std::int64_t> responses;
    std::int64_t cutPrompts = 0;
    std::int64_t cutResponses = 0;
    for (const Record& record : records) {
        const auto prompt = static_cast<std::int64_t>(tokenizer.encode(promptFor(record, tokenizer)).ids.size());
        const auto response =
            static_cast<std::int64_t>(tokenizer.encode(record.responses.front()).ids.size()) + eosLength;
        const std::int64_t keptPrompt = std::min({prompt, config.maxPromptLength, config.maxLength});
        prompts.push_back(prompt);
        responses.push_back(response);
        statistics.promptTokens += prompt;
        statistics.responseTokens += response;
        cutPrompts += keptPrompt < prompt ? 1 : 0;
        cutResponses += keptPrompt + response > config.maxLength ? 1 : 0;
    }
    const auto samples = static_cast<double>(records.size());
    statistics.samples = static_cast<std::int64_t>(records.size());
    statistics.prompt = summarise(std::move(prompts));
    statistics.response = summarise(std::move(responses));
    statistics.promptTruncatedShare = static_cast<double>(cutPrompts) / samples;
    statistics.responseTruncatedShare = static_cast<double>(cutResponses) / samples;
    return statistics;
}

} // namespace dskd::dataset
