#pragma once

#include "core/config/schema/data_config.h"
#include "core/dataset/record.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace dskd::dataset
{

struct LengthSummary {
    double mean = 0;
    double median = 0;    // of an even number of lengths: the mean of the middle two
    std::int64_t p95 = 0; // the smallest length that at least 95 % of the lengths do not exceed
    std::int64_t max = 0;
};

// All zero for no lengths.
[[nodiscard]] LengthSummary summarise(std::vector<std::int64_t> lengths);

// What the preflight shows about a data set and a tokenizer. Lengths are in tokens and before any cut.
struct DataStatistics {
    std::int64_t samples = 0;
    LengthSummary prompt;
    LengthSummary response;        // with the eos
    std::int64_t promptTokens = 0; // sums over all samples
    std::int64_t responseTokens = 0;
    double promptTruncatedShare = 0;   // of the samples: prompts longer than maxPromptLength
    double responseTruncatedShare = 0; // of the samples: responses that lose their end to maxLength
};

[[nodiscard]] DataStatistics measureLengths(std::span<const Record> records, const tokenizer::Tokenizer& tokenizer,
                                            const config::DataConfig& config);

} // namespace dskd::dataset
