// Sets of a pattern: [a-z], [[a][b]], [a&&b], [:alpha:].

#include "core/tokenizer/steps/character_sets.h"
#include "core/tokenizer/steps/regex_translator.h"

#include <cctype>
#include <cstdio>

namespace dskd::tokenizer
{
namespace
{

std::string joined(const std::vector<std::string>& parts)
{
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : "|") + part;
    }
    return text;
}

} // namespace

std::string escapedCharacter(char32_t c)
{
    if (c < 0x80 && std::isalnum(static_cast<int>(c)) != 0) {
        return std::string(1, static_cast<char>(c));
    }
    char text[16];
    std::snprintf(text, sizeof text, "\\x{%X}", static_cast<unsigned>(c));
    return text;
}

std::string patternOf(const CharacterSet& set, bool negated)
{
    if (set.patterns.empty()) {
        return (negated ? "[^" : "[") + set.members + "]";
    }
    if (!negated && set.members.empty() && set.patterns.size() == 1) {
        return set.patterns.front();
    }
    std::vector<std::string> parts = set.patterns;
    if (!set.members.empty()) {
        parts.insert(parts.begin(), "[" + set.members + "]");
    }
    return negated ? "(?>(?!" + joined(parts) + ")" + std::string(kAnyCharacter) + ")" : "(?>" + joined(parts) + ")";
}

// A set, whose opening bracket has been read.
CharacterSet PatternTranslator::bracketed(PatternOptions options, int depth)
{
    if (depth > kMaxPatternDepth) {
        refuse("too many sets in each other");
    }
    const bool negated = take("^");
    if (startsWith("]")) {
        refuse("an empty set");
    }
    std::vector<std::string> sides; // of &&
    CharacterSet set;
    while (!take("]")) {
        const bool both = take("&&");
        if (both && (startsWith("]") || startsWith("&&"))) {
            refuse("an empty side of &&");
        }
        if (both) {
            if (set.empty()) {
                refuse("an empty side of &&");
            }
            sides.push_back(patternOf(set, false));
            set = {};
        }
        if (m_rest.empty()) {
            refuse("a set that is not closed");
        }
        readMember(set, options, depth);
    }
    if (!sides.empty()) {
        std::string all;
        for (const std::string& side : sides) {
            all += "(?=" + side + ")";
        }
        set = {{}, {"(?>" + all + patternOf(set, false) + ")"}};
    }
    if (negated) {
        return {{}, {patternOf(set, true)}};
    }
    return set;
}

// One character, range, class or set of a set.
void PatternTranslator::readMember(CharacterSet& set, PatternOptions options, int depth)
{
    const auto add = [&](CharacterSet more) {
        set.members += more.members;
        set.patterns.insert(set.patterns.end(), more.patterns.begin(), more.patterns.end());
    };
    const auto refuseRange = [&] {
        if (startsWith("-") && !startsWith("-]")) {
            refuse("a range that begins with a set");
        }
    };
    if (startsWith("[:")) {
        const std::size_t close = m_rest.find(":]");
        const bool complement = startsWith("[:^");
        const std::size_t begin = complement ? 3 : 2;
        const auto members = close == std::string_view::npos || close < begin
                                 ? std::nullopt
                                 : posixMembers(m_rest.substr(begin, close - begin));
        if (!members || options.ignoreCase) {
            refuse("the class " + std::string(m_rest.substr(0, close == std::string_view::npos ? 2 : close + 2)));
        }
        m_rest.remove_prefix(close + 2);
        add(complement ? CharacterSet{{}, {"[^" + *members + "]"}} : CharacterSet{*members, {}});
        return refuseRange();
    }
    if (take("[")) {
        add(bracketed(options, depth + 1));
        return refuseRange();
    }
    if (startsWith("\\")) {
        const CharacterSet escape = setOfEscape(options);
        if (!escape.empty()) {
            add(escape);
            return refuseRange();
        }
    }
    const char32_t first = readRangeEnd(options);
    set.members += escapedCharacter(first);
    if (!startsWith("-") || startsWith("-]")) {
        return;
    }
    take("-");
    if (startsWith("[") || startsWith("&&")) {
        refuse("a range that ends with a set");
    }
    const char32_t last = readRangeEnd(options);
    if (last < first) {
        refuse("a range that ends before it begins");
    }
    set.members += "-" + escapedCharacter(last);
    if (startsWith("--")) {
        refuse("a hyphen between ranges");
    }
}

char32_t PatternTranslator::readRangeEnd(PatternOptions options)
{
    if (m_rest.empty()) {
        refuse("a set that is not closed");
    }
    if (startsWith("\\") && m_rest.size() > 1 && std::string_view("sSdDwWhHpP").find(m_rest[1]) != std::string::npos) {
        refuse("a range that ends with a set");
    }
    if (startsWith("\\b")) {
        m_rest.remove_prefix(2);
        return 0x08;
    }
    const char32_t c = startsWith("\\") ? characterOfEscape() : takeCharacter();
    return literal(c, options).literal.value();
}

} // namespace dskd::tokenizer
