#pragma once

// Which tokens of two tokenizations of one answer belong together under an alignment, token by token: for people who
// show an answer, and for counting (coverage_report.h).

#include "core/align/exact_alignment.h"
#include "core/align/minimum_edits.h"
#include "core/config/schema/alignment.h"
#include "core/dataset/sample.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::align
{

enum class Mark {
    Exact,     // one token of the other side is its partner
    Chunk,     // its text is a whole number of tokens on both sides (chunks.h), but on one of them several
    Unaligned, // neither
};

inline constexpr std::int64_t kNoChunk = -1;

struct MarkedToken {
    tokenizer::TokenId id = 0;
    tokenizer::ByteSpan span; // of the answer; empty for the end token, and for the prompt's last token (MinED)
    Mark mark = Mark::Unaligned;
    std::int64_t chunk = kNoChunk; // equal numbers on both sides are one chunk; kNoChunk: the other side has none
    // Tokens of the other side that belong to it, [partnerBegin, partnerEnd); empty when Unaligned.
    std::int32_t partnerBegin = 0;
    std::int32_t partnerEnd = 0;
};

struct MarkedAnswer {
    std::vector<MarkedToken> teacher;
    std::vector<MarkedToken> student;
};

// One answer as both sides read it. The encodings are those of the answer with its eos, and may be cut at their ends.
struct AnswerPair {
    Side teacher;
    Side student;
    std::string_view text;
    // The tokens that the rows read (Sample::inputs); only MinED, which compares those.
    std::span<const tokenizer::TokenId> teacherInputs = {};
    std::span<const tokenizer::TokenId> studentInputs = {};
};

// Alignments that pair tokens mark a pair Exact. Soft ones (attention, chunks) mark by the text alone, as if chunks of
// one token on both sides were pairs. Under MinED the tokens are those that the rows read, and `edits` is needed.
[[nodiscard]] MarkedAnswer markAnswer(const AnswerPair& answer, config::Alignment alignment,
                                      const MinimumEdits* edits = nullptr);

// Whether the alignment gives a token of this mark a partner of its own: an exact one, or the rows of its chunk where
// the alignment works on chunks. Attention without chunks (CMA) reaches every token; those with an exact partner count.
[[nodiscard]] constexpr bool isCovered(const config::AlignmentRow& alignment, Mark mark)
{
    return mark == Mark::Exact || (mark == Mark::Chunk && alignment.withinChunks);
}

// The answer of a sample, which may be cut.
[[nodiscard]] tokenizer::Encoding answerOf(const dataset::Sample& sample);

// A token as people read it, and as recorded maps name it: its text, the vocabulary's spelling for control tokens and
// pieces of characters.
[[nodiscard]] std::string tokenLabel(const tokenizer::Tokenizer& tokenizer, tokenizer::TokenId id);

} // namespace dskd::align
