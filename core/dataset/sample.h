#pragma once

#include "core/config/schema/data_config.h"
#include "core/dataset/record.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dskd::dataset
{

// One tokenised example: prompt ids, then response ids, then eos. Prompt and response are encoded separately without
// special tokens (core/distill/METHOD.md 9.3). With a chat template "eos" is its end of turn, as everywhere. Position i
// predicts ids[i + 1]; the first scored position is the last prompt token.
struct Sample {
    std::vector<tokenizer::TokenId> ids;
    std::int64_t promptLength = 0;                  // tokens of ids that belong to the prompt
    std::vector<tokenizer::ByteSpan> promptOffsets; // bytes of prompt text behind each of its tokens
    bool endsWithEos = false;                       // false when maxLength cut the response
    // Bytes of response text behind each response token (ids[promptLength ...]); the eos has an empty span at the end.
    std::vector<tokenizer::ByteSpan> responseOffsets;
    bool promptCut = false;   // by maxPromptLength or maxLength; of a sample that makeSample made
    bool responseCut = false; // maxLength took tokens of the response, or only its eos

    // Response tokens that are predicted, the eos among them: the rows that losses see.
    // 0 when maxLength left no response.
    [[nodiscard]] std::int64_t rows() const
    {
        const std::int64_t rowCount = static_cast<std::int64_t>(ids.size()) - firstRow() - 1;
        return rowCount > 0 ? rowCount : 0;
    }
    // The first position whose prediction counts: the last prompt token (0 for an empty prompt).
    [[nodiscard]] std::int64_t firstRow() const { return promptLength > 0 ? promptLength - 1 : 0; }
    // The token that each of the rows reads.
    [[nodiscard]] std::span<const tokenizer::TokenId> inputs() const
    {
        return std::span(ids).subspan(rows() > 0 ? static_cast<std::size_t>(firstRow()) : 0,
                                      static_cast<std::size_t>(rows()));
    }
};

// Cuts the prompt to maxPromptLength on the configured side, then the whole to maxLength.
// With LossOn::All firstRow() must be read as 0 by the caller; the sample itself is the same.
[[nodiscard]] Sample makeSample(const Record& record, const tokenizer::Tokenizer& tokenizer,
                                const config::DataConfig& config);

} // namespace dskd::dataset
