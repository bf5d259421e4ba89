#include "core/align/token_class.h"

#include "core/base/utf8.h"

#include <stdexcept>

namespace dskd::align
{
namespace
{

constexpr TokenClassRow kClasses[] = {
    {TokenClass::Special, "special", "special",
     "Tokens that stand for no text: the end of an answer, the last of a prompt."},
    {TokenClass::Whitespace, "whitespace", "whitespace", "Spaces, tabs and line ends alone."},
    {TokenClass::Number, "number", "numbers", "Digits, also with punctuation, and no letter."},
    {TokenClass::Punctuation, "punctuation", "punctuation", "Punctuation and symbols alone."},
    {TokenClass::NonLatin, "non_latin", "non-Latin", "Letters of a script other than Latin, and other characters."},
    {TokenClass::RareWord, "rare_word", "rare words", "Parts of words that occur once or twice in the answers."},
    {TokenClass::Word, "word", "words", "Parts of words that occur oftener."},
};

struct Pattern {
    TokenClass value;
    std::string_view pattern; // of PCRE2, on the whole text of a token
};

// Special tokens have no text, and words are told apart by how often they occur.
constexpr Pattern kPatterns[] = {
    {TokenClass::Whitespace, R"(\A[\p{Z}\t-\r\x{85}]+\z)"},
    {TokenClass::Number, R"(\A[^\p{L}]*\p{N}[^\p{L}]*\z)"},
    {TokenClass::Punctuation, R"(\A[\p{P}\p{S}\p{Z}\t-\r\x{85}]+\z)"},
    {TokenClass::NonLatin, R"((?!\p{sc:Latin})\p{L}|\A[^\p{sc:Latin}]+\z)"},
};

constexpr std::string_view kWord = R"([\p{L}\p{M}]+)";

tokenizer::Regex compiled(std::string_view pattern)
{
    return tokenizer::Regex::compilePcre2(pattern).value();
}

} // namespace

std::span<const TokenClassRow> tokenClasses()
{
    return kClasses;
}

const TokenClassRow& rowOf(TokenClass tokenClass)
{
    for (const TokenClassRow& row : kClasses) {
        if (row.value == tokenClass) {
            return row;
        }
    }
    throw std::logic_error("a class of tokens without a row");
}

TokenClassifier::TokenClassifier() : m_word(compiled(kWord))
{
    for (const Pattern& pattern : kPatterns) {
        m_patterns.emplace(pattern.value, compiled(pattern.pattern));
    }
}

void TokenClassifier::count(std::string_view text)
{
    m_matcher.startText();
    for (std::size_t at = 0; at < text.size();) {
        const auto word = m_matcher.find(m_word, text, at);
        if (!word) {
            break;
        }
        ++m_words[std::string(text.substr(word->begin, word->end - word->begin))];
        at = word->end;
    }
}

bool TokenClassifier::matches(TokenClass tokenClass, std::string_view text)
{
    const auto pattern = m_patterns.find(tokenClass);
    return pattern != m_patterns.end() && m_matcher.find(pattern->second, text, 0).has_value();
}

TokenClass TokenClassifier::classOf(std::string_view text, std::size_t begin, std::size_t end)
{
    if (begin >= end) {
        return TokenClass::Special;
    }
    m_matcher.startText();
    begin = codePointBegin(text, begin);
    end = codePointEnd(text, end);
    const std::string_view covered = text.substr(begin, end - begin);
    for (const Pattern& pattern : kPatterns) {
        if (matches(pattern.value, covered)) {
            return pattern.value;
        }
    }
    // The word begins before the token where that is a part of it.
    const auto part = m_matcher.find(m_word, covered, 0);
    if (!part) {
        return TokenClass::Word;
    }
    const std::size_t inside = begin + part->begin;
    std::size_t wordBegin = inside;
    for (auto before = wordBegin; before > 0;) {
        before = codePointBegin(text, before - 1);
        const std::string_view letter = text.substr(before, wordBegin - before);
        const auto found = m_matcher.find(m_word, letter, 0);
        if (!found) {
            break;
        }
        wordBegin = before;
    }
    const auto word = m_matcher.find(m_word, text, wordBegin);
    const auto number = word ? m_words.find(text.substr(word->begin, word->end - word->begin)) : m_words.end();
    return number != m_words.end() && number->second > kRareWord ? TokenClass::Word : TokenClass::RareWord;
}

} // namespace dskd::align
