#pragma once

// What the sources of translatePattern share: regex_syntax.cpp has groups and quantifiers, regex_escapes.cpp the
// escapes, regex_sets.cpp the sets in brackets. Only for them.

#include "core/base/utf8.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dskd::tokenizer
{

inline constexpr int kMaxPatternDepth = 100; // of groups and sets in each other
inline constexpr std::string_view kAnyCharacter = "(?s:.)";

struct PatternOptions {
    bool ignoreCase = false;
    bool dotMatchesNewline = false;
};

// One character out of a set. `members` alone, or one of `patterns`, each of which matches one character.
struct CharacterSet {
    std::string members; // inside the brackets of a class
    std::vector<std::string> patterns;

    [[nodiscard]] bool empty() const { return members.empty() && patterns.empty(); }
};

// What stands between two quantifiers.
struct PatternAtom {
    std::string pattern;
    bool repeatable = true;
    std::optional<char32_t> literal = std::nullopt;
};

// Why a pattern has no translation: what in it, and the bytes before.
struct PatternRefusal {
    std::string what;
    std::size_t where;
};

// The character as PCRE2 reads it, in a set and outside.
std::string escapedCharacter(char32_t c);

// What matches one character of the set, or one of all others.
std::string patternOf(const CharacterSet& set, bool negated);

// Reads a pattern of Oniguruma's syntax from front to back and writes it in PCRE2's. Every method throws PatternRefusal
// at what it cannot translate.
class PatternTranslator
{
public:
    explicit PatternTranslator(std::string_view pattern) : m_rest(pattern), m_size(pattern.size()) {}

    std::string translate()
    {
        std::string result = alternatives({}, 0);
        if (!m_rest.empty()) {
            refuse("an unmatched closing parenthesis");
        }
        return result;
    }

private:
    [[noreturn]] void refuse(std::string what) const { throw PatternRefusal{std::move(what), m_size - m_rest.size()}; }

    [[nodiscard]] bool startsWith(std::string_view text) const { return m_rest.starts_with(text); }
    bool take(std::string_view text)
    {
        const bool there = startsWith(text);
        m_rest.remove_prefix(there ? text.size() : 0);
        return there;
    }
    char32_t takeCharacter()
    {
        const std::size_t length = codePointLength(m_rest.front());
        const char32_t c = firstCodePoint(m_rest);
        m_rest.remove_prefix(length);
        return c;
    }

    // Groups and quantifiers.
    std::string alternatives(PatternOptions options, int depth);
    PatternAtom atom(PatternOptions& options, int depth);
    PatternAtom group(int depth, PatternOptions options);
    std::optional<PatternOptions> readOptions(PatternOptions options);
    PatternAtom literal(char32_t c, PatternOptions options) const;
    void quantify(PatternAtom& atom);
    bool takeInterval(std::string& interval, bool& exact);
    bool atQuantifier();

    // Escapes.
    PatternAtom escape(PatternOptions options);
    CharacterSet setOfEscape(PatternOptions options);
    char32_t characterOfEscape();
    char32_t hexCharacter(std::size_t digits);

    // Sets.
    CharacterSet bracketed(PatternOptions options, int depth);
    void readMember(CharacterSet& set, PatternOptions options, int depth);
    char32_t readRangeEnd(PatternOptions options);

    std::string_view m_rest;
    std::size_t m_size;
};

} // namespace dskd::tokenizer
