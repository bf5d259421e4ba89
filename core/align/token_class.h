#pragma once

// What kind of text a token stands for: why tokenizers cut it differently. One row a class.

#include "core/tokenizer/steps/regex.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace dskd::align
{

// In the order in which they are tried: a token is of the first class that fits.
enum class TokenClass { Special, Whitespace, Number, Punctuation, NonLatin, RareWord, Word };

struct TokenClassRow {
    TokenClass value;
    std::string_view name;  // in JSON; never rename one
    std::string_view title; // "numbers"
    std::string_view sentence;
};

[[nodiscard]] std::span<const TokenClassRow> tokenClasses();
[[nodiscard]] const TokenClassRow& rowOf(TokenClass tokenClass);

inline constexpr int kRareWord = 2; // a word that occurs at most so often is rare

// Sorts tokens into classes, by Unicode's properties. One thread at a time.
class TokenClassifier
{
public:
    TokenClassifier();

    // Counts the words of a text, to know which are rare. Before the first classOf. REQUIRES: valid UTF-8.
    void count(std::string_view text);

    // The class of the token that stands for text[begin, end); bytes of one character count as that character, and a
    // part of a word as the word. Empty ranges are Special. REQUIRES: valid UTF-8, begin <= end <= text.size().
    [[nodiscard]] TokenClass classOf(std::string_view text, std::size_t begin, std::size_t end);

private:
    [[nodiscard]] bool matches(TokenClass tokenClass, std::string_view text);

    std::map<TokenClass, tokenizer::Regex> m_patterns;
    tokenizer::Regex m_word;
    tokenizer::RegexMatcher m_matcher;
    std::map<std::string, int, std::less<>> m_words;
};

} // namespace dskd::align
