#include "core/align/exact_alignment.h"

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
using tokenizer::Tokenizer;

std::string withoutSpaces(std::string text)
{
    std::erase(text, ' ');
    return text;
}

// A token's place in the stream of bytes that count.
struct Placed {
    std::int32_t row = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
};

// The tokens that have a byte that counts, in order, and the stream itself.
std::vector<Placed> place(std::span<const TokenBytes> tokens, std::string& stream)
{
    std::vector<Placed> placed;
    for (std::size_t row = 0; row < tokens.size(); ++row) {
        const std::size_t begin = stream.size();
        stream += tokens[row].eos ? std::string() : withoutSpaces(tokens[row].bytes);
        if (stream.size() > begin) {
            placed.push_back({static_cast<std::int32_t>(row), begin, stream.size()});
        }
    }
    return placed;
}

ByteSpan trimmed(std::string_view text, ByteSpan span)
{
    const auto size = static_cast<std::uint32_t>(text.size());
    span.end = std::min(span.end, size);
    span.begin = std::min(span.begin, span.end);
    while (span.begin < span.end && text[span.begin] == ' ') {
        ++span.begin;
    }
    while (span.begin < span.end && text[span.end - 1] == ' ') {
        --span.end;
    }
    return span;
}

std::vector<Placed> place(std::string_view text, std::span<const ByteSpan> spans)
{
    std::vector<Placed> placed;
    for (std::size_t row = 0; row < spans.size(); ++row) {
        const ByteSpan span = trimmed(text, spans[row]);
        if (span.begin < span.end) {
            placed.push_back({static_cast<std::int32_t>(row), span.begin, span.end});
        }
    }
    return placed;
}

// Number of tokens from `first` on that share one range.
std::size_t groupSize(const std::vector<Placed>& tokens, std::size_t first)
{
    std::size_t end = first + 1;
    while (end < tokens.size() && tokens[end].begin == tokens[first].begin && tokens[end].end == tokens[first].end) {
        ++end;
    }
    return end - first;
}

std::vector<TokenPair> pairEqualRanges(const std::vector<Placed>& teacher, const std::vector<Placed>& student)
{
    std::vector<TokenPair> pairs;
    for (std::size_t i = 0, j = 0; i < teacher.size() && j < student.size();) {
        if (teacher[i].begin == student[j].begin && teacher[i].end == student[j].end) {
            const std::size_t teacherCount = groupSize(teacher, i);
            const std::size_t studentCount = groupSize(student, j);
            for (std::size_t k = 0; teacherCount == studentCount && k < teacherCount; ++k) {
                pairs.push_back({teacher[i + k].row, student[j + k].row});
            }
            i += teacherCount;
            j += studentCount;
        } else if (teacher[i].end < student[j].end ||
                   (teacher[i].end == student[j].end && teacher[i].begin < student[j].begin)) {
            ++i;
        } else {
            ++j;
        }
    }
    return pairs;
}

// Tokens without bytes of their own that came from the text (a special token that is spelled out in it, <unk>) stand
// for the text that they replaced. The eos is the one behind the text, not one in it.
std::vector<TokenBytes> bytesOf(const Side& side, std::string_view text)
{
    const std::optional<TokenId> eos = side.tokenizer.special().eos;
    const Encoding& encoding = side.encoding;
    assert(encoding.ids.size() == encoding.offsets.size());
    std::vector<TokenBytes> tokens;
    tokens.reserve(encoding.ids.size());
    for (std::size_t row = 0; row < encoding.ids.size(); ++row) {
        const ByteSpan span = encoding.offsets[row];
        const bool isLast = row + 1 == encoding.ids.size();
        TokenBytes token{side.tokenizer.bytes(encoding.ids[row]), false};
        if (isLast && eos && encoding.ids[row] == *eos && span.begin == span.end) {
            token = {std::string(), true};
        } else if (token.bytes.empty() && span.begin < span.end && span.end <= text.size()) {
            token.bytes = text.substr(span.begin, span.end - span.begin);
        }
        tokens.push_back(std::move(token));
    }
    return tokens;
}

std::vector<std::string> piecesOf(const Side& side)
{
    std::vector<std::string> pieces;
    pieces.reserve(side.encoding.ids.size());
    for (const TokenId id : side.encoding.ids) {
        pieces.emplace_back(side.tokenizer.piece(id));
    }
    return pieces;
}

std::string eosPiece(const Tokenizer& tokenizer)
{
    const std::optional<TokenId> eos = tokenizer.special().eos;
    return eos ? std::string(tokenizer.piece(*eos)) : std::string();
}

bool endInEos(std::span<const TokenBytes> teacher, std::span<const TokenBytes> student)
{
    return !teacher.empty() && !student.empty() && teacher.back().eos && student.back().eos;
}

TokenPair lastPair(std::size_t teacherSize, std::size_t studentSize)
{
    return {static_cast<std::int32_t>(teacherSize) - 1, static_cast<std::int32_t>(studentSize) - 1};
}
} // namespace

std::vector<TokenPair> alignBytes(std::span<const TokenBytes> teacher, std::span<const TokenBytes> student)
{
    std::string teacherStream;
    std::string studentStream;
    const std::vector<Placed> teacherTokens = place(teacher, teacherStream);
    const std::vector<Placed> studentTokens = place(student, studentStream);
    std::vector<TokenPair> pairs;
    for (std::size_t i = 0, j = 0; i < teacherTokens.size() && j < studentTokens.size();) {
        const Placed& t = teacherTokens[i];
        const Placed& s = studentTokens[j];
        const std::size_t length = t.end - t.begin;
        if (t.begin == s.begin && t.end == s.end &&
            teacherStream.compare(t.begin, length, studentStream, s.begin, length) == 0) {
            pairs.push_back({t.row, s.row});
        }
        i += t.end <= s.end ? 1 : 0;
        j += s.end <= t.end ? 1 : 0;
    }
    if (endInEos(teacher, student)) {
        pairs.push_back(lastPair(teacher.size(), student.size()));
    }
    return pairs;
}

std::vector<TokenPair> alignSpans(std::string_view text, std::span<const ByteSpan> teacher,
                                  std::span<const ByteSpan> student)
{
    return pairEqualRanges(place(text, teacher), place(text, student));
}

Encoding encodeResponse(const Tokenizer& tokenizer, std::string_view text)
{
    Encoding encoding = tokenizer.encode(text);
    if (const std::optional<TokenId> eos = tokenizer.special().eos) {
        const auto end = static_cast<std::uint32_t>(text.size());
        encoding.ids.push_back(*eos);
        encoding.offsets.push_back({end, end});
    }
    return encoding;
}

std::vector<TokenPair> alignTokens(const Side& teacher, const Side& student, std::string_view text, Method method)
{
    if (method == Method::EtaPublished) {
        return alignPublished(piecesOf(teacher), piecesOf(student), eosPiece(teacher.tokenizer),
                              eosPiece(student.tokenizer));
    }
    const std::vector<TokenBytes> teacherBytes = bytesOf(teacher, text);
    const std::vector<TokenBytes> studentBytes = bytesOf(student, text);
    std::string teacherStream;
    std::string studentStream;
    place(teacherBytes, teacherStream);
    place(studentBytes, studentStream);
    // One may be cut earlier than the other, so the common part decides.
    const std::size_t common = std::min(teacherStream.size(), studentStream.size());
    if (teacherStream.compare(0, common, studentStream, 0, common) == 0) {
        return alignBytes(teacherBytes, studentBytes);
    }
    std::vector<TokenPair> pairs = alignSpans(text, teacher.encoding.offsets, student.encoding.offsets);
    if (endInEos(teacherBytes, studentBytes)) {
        pairs.push_back(lastPair(teacherBytes.size(), studentBytes.size()));
    }
    return pairs;
}

AlignedText alignText(const Tokenizer& teacher, const Tokenizer& student, std::string_view text, Method method)
{
    AlignedText aligned{encodeResponse(teacher, text), encodeResponse(student, text), {}};
    aligned.pairs = alignTokens({teacher, aligned.teacher}, {student, aligned.student}, text, method);
    return aligned;
}

} // namespace dskd::align
