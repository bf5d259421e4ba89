#pragma once

// Exact token alignment (ETA): which response tokens of two tokenizations of one text stand for the same piece of it.
// Rows count response tokens from 0, the eos among them. Every result is in rising order on both sides.

#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::align
{

struct TokenPair {
    std::int32_t teacherRow = 0;
    std::int32_t studentRow = 0;
    bool operator==(const TokenPair&) const = default;
};

enum class Method {
    EtaBytes,     // on the text behind the tokens; the default
    EtaPublished, // on their spellings, as the reference code does, for comparison with published numbers
};

// As the reference code of DSKD v2 (core/distill/METHOD.md 6.2), on the tokens as the vocabularies spell them. "▁" and
// "Ġ" are deleted everywhere. After the first piece that the two spell differently ("<0x0A>" and "Ċ") nothing aligns
// any more. An eos may be empty when a tokenizer has none. Linear in the number of characters.
[[nodiscard]] std::vector<TokenPair> alignPublished(std::span<const std::string> teacher,
                                                    std::span<const std::string> student, std::string_view teacherEos,
                                                    std::string_view studentEos);

// The bytes of text that a token stands for.
struct TokenBytes {
    std::string bytes;
    bool eos = false;
    bool operator==(const TokenBytes&) const = default;
};

// Pairs tokens that begin at the same byte, end at the same byte and have the same bytes between, where spaces (0x20)
// do not count. Tokens without any other byte are never paired; two eos tokens at the ends are.
[[nodiscard]] std::vector<TokenPair> alignBytes(std::span<const TokenBytes> teacher,
                                                std::span<const TokenBytes> student);

// Pairs tokens by the range of `text` that they came from, spaces at its ends not counted: independent of what a
// tokenizer's normalisation or unknown token makes of the text. Tokens that share one range (the bytes of one
// character) are paired in order when both sides have equally many of them.
[[nodiscard]] std::vector<TokenPair> alignSpans(std::string_view text, std::span<const tokenizer::ByteSpan> teacher,
                                                std::span<const tokenizer::ByteSpan> student);

// The response tokens of `text` as training sees them: no special tokens in front, the eos (with an empty span at the
// end of the text) behind.
[[nodiscard]] tokenizer::Encoding encodeResponse(const tokenizer::Tokenizer& tokenizer, std::string_view text);

// One side of an alignment. The encoding may be cut at its end.
struct Side {
    const tokenizer::Tokenizer& tokenizer;
    const tokenizer::Encoding& encoding;
};

// EtaBytes uses alignBytes where both sides decode to the same text, and alignSpans where they do not. A special token
// that is spelled out in the text counts as that text.
[[nodiscard]] std::vector<TokenPair> alignTokens(const Side& teacher, const Side& student, std::string_view text,
                                                 Method method);

struct AlignedText {
    tokenizer::Encoding teacher; // with the eos
    tokenizer::Encoding student;
    std::vector<TokenPair> pairs;
};

[[nodiscard]] AlignedText alignText(const tokenizer::Tokenizer& teacher, const tokenizer::Tokenizer& student,
                                    std::string_view text, Method method);

} // namespace dskd::align
