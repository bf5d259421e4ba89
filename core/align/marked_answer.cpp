#include "core/align/marked_answer.h"

#include "core/align/chunks.h"
#include "core/base/utf8.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

namespace dskd::align
{
namespace
{

using tokenizer::ByteSpan;
using tokenizer::Encoding;
using tokenizer::TokenId;

bool endsInEos(const Side& side)
{
    const Encoding& tokens = side.encoding;
    const std::optional<TokenId> eos = side.tokenizer.special().eos;
    return !tokens.ids.empty() && eos && tokens.ids.back() == *eos &&
           tokens.offsets.back().begin == tokens.offsets.back().end;
}

std::vector<MarkedToken> tokensOf(const Encoding& encoding)
{
    std::vector<MarkedToken> tokens(encoding.ids.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        tokens[i].id = encoding.ids[i];
        tokens[i].span = encoding.offsets[i];
    }
    return tokens;
}

// The first row reads the prompt's last token where there is a prompt, the others the answer's tokens.
std::vector<MarkedToken> tokensRead(const Side& side, std::span<const TokenId> inputs)
{
    const std::size_t ofPrompt = inputs.size() == side.encoding.ids.size() && !inputs.empty() ? 1 : 0;
    std::vector<MarkedToken> tokens(inputs.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        tokens[i].id = inputs[i];
        tokens[i].span = i < ofPrompt ? ByteSpan{} : side.encoding.offsets[i - ofPrompt];
    }
    return tokens;
}

std::vector<std::uint32_t> endsOf(const std::vector<MarkedToken>& tokens, bool withoutLast)
{
    std::vector<std::uint32_t> ends;
    ends.reserve(tokens.size());
    for (const MarkedToken& token : std::span(tokens).first(tokens.size() - (withoutLast ? 1 : 0))) {
        ends.push_back(token.span.end);
    }
    return ends;
}

// The tokens from `first` on that have its number.
std::size_t endOfChunk(const std::vector<std::int64_t>& chunks, std::size_t first)
{
    std::size_t end = first + 1;
    while (end < chunks.size() && chunks[end] == chunks[first]) {
        ++end;
    }
    return end;
}

void join(std::vector<MarkedToken>& tokens, std::size_t begin, std::size_t end, std::size_t partnerBegin,
          std::size_t partnerEnd, std::int64_t chunk, Mark mark)
{
    for (std::size_t i = begin; i < end; ++i) {
        tokens[i].mark = mark;
        tokens[i].chunk = chunk;
        tokens[i].partnerBegin = static_cast<std::int32_t>(partnerBegin);
        tokens[i].partnerEnd = static_cast<std::int32_t>(partnerEnd);
    }
}

// Marks by the text alone: numbers of both sides rise together, and those that one side lacks come last.
void markChunks(const Chunks& chunks, MarkedAnswer& marked)
{
    for (std::size_t i = 0, j = 0; i < chunks.teacher.size() && j < chunks.student.size();) {
        if (chunks.teacher[i] != chunks.student[j]) {
            ++(chunks.teacher[i] < chunks.student[j] ? i : j);
            continue;
        }
        const std::size_t teacherEnd = endOfChunk(chunks.teacher, i);
        const std::size_t studentEnd = endOfChunk(chunks.student, j);
        const Mark mark = teacherEnd - i == 1 && studentEnd - j == 1 ? Mark::Exact : Mark::Chunk;
        const std::int64_t chunk = chunks.teacher[i];
        join(marked.teacher, i, teacherEnd, j, studentEnd, chunk, mark);
        join(marked.student, j, studentEnd, i, teacherEnd, chunk, mark);
        i = teacherEnd;
        j = studentEnd;
    }
}

void pairWith(MarkedToken& token, std::int32_t partner)
{
    const bool first = token.mark != Mark::Exact;
    token.mark = Mark::Exact;
    token.partnerBegin = first ? partner : std::min(token.partnerBegin, partner);
    token.partnerEnd = first ? partner + 1 : std::max(token.partnerEnd, partner + 1);
}

// Pairs of the alignment replace those of the text alone.
void markPairs(const std::vector<TokenPair>& pairs, MarkedAnswer& marked)
{
    for (auto* side : {&marked.teacher, &marked.student}) {
        for (MarkedToken& token : *side) {
            if (token.mark == Mark::Exact) {
                token.mark = Mark::Unaligned;
                token.partnerBegin = token.partnerEnd = 0;
            }
        }
    }
    for (const TokenPair& pair : pairs) {
        pairWith(marked.teacher[static_cast<std::size_t>(pair.teacherRow)], pair.studentRow);
        pairWith(marked.student[static_cast<std::size_t>(pair.studentRow)], pair.teacherRow);
    }
}

std::vector<TokenPair> pairsOf(const AnswerPair& answer, config::Alignment alignment, const MinimumEdits* edits)
{
    const config::AlignmentRow& row = config::rowOf(alignment);
    if (row.matchesSpellings) {
        assert(edits != nullptr);
        return edits->align(answer.teacherInputs, answer.studentInputs);
    }
    if (row.pairsText()) {
        return alignTokens(answer.teacher, answer.student, answer.text,
                           alignment == config::Alignment::EtaPublished ? Method::EtaPublished : Method::EtaBytes);
    }
    std::vector<TokenPair> pairs;
    const std::size_t both = std::min(answer.teacher.encoding.ids.size(), answer.student.encoding.ids.size());
    for (std::size_t i = 0; i < both; ++i) {
        pairs.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(i)});
    }
    return pairs;
}

} // namespace

MarkedAnswer markAnswer(const AnswerPair& answer, config::Alignment alignment, const MinimumEdits* edits)
{
    const config::AlignmentRow& row = config::rowOf(alignment);
    MarkedAnswer marked;
    bool withEos = false; // of both sides: a chunk of its own, as it stands for no text
    bool teacherEos = false;
    bool studentEos = false;
    if (row.matchesSpellings) {
        marked.teacher = tokensRead(answer.teacher, answer.teacherInputs);
        marked.student = tokensRead(answer.student, answer.studentInputs);
    } else {
        marked.teacher = tokensOf(answer.teacher.encoding);
        marked.student = tokensOf(answer.student.encoding);
        teacherEos = endsInEos(answer.teacher);
        studentEos = endsInEos(answer.student);
        withEos = teacherEos && studentEos;
    }
    const Chunks chunks = commonChunks(endsOf(marked.teacher, teacherEos), endsOf(marked.student, studentEos));
    markChunks(chunks, marked);
    if (withEos) {
        const std::size_t t = marked.teacher.size() - 1;
        const std::size_t s = marked.student.size() - 1;
        const auto beyond = static_cast<std::int64_t>(t + s) + 2; // of every number so far
        join(marked.teacher, t, t + 1, s, s + 1, beyond, Mark::Exact);
        join(marked.student, s, s + 1, t, t + 1, beyond, Mark::Exact);
    }
    if (!row.attends) {
        markPairs(pairsOf(answer, alignment, edits), marked);
    }
    return marked;
}

Encoding answerOf(const dataset::Sample& sample)
{
    Encoding encoding;
    encoding.ids.assign(sample.ids.begin() + sample.promptLength, sample.ids.end());
    encoding.offsets = sample.responseOffsets;
    return encoding;
}

std::string tokenLabel(const tokenizer::Tokenizer& tokenizer, TokenId id)
{
    const std::string bytes = tokenizer.bytes(id);
    return !bytes.empty() && isValidUtf8(bytes) ? bytes : std::string(tokenizer.piece(id));
}

} // namespace dskd::align
