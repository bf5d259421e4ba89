#include "core/tokenizer/steps/regex_syntax.h"

#include "core/tokenizer/steps/regex_translator.h"

#include <cctype>

namespace dskd::tokenizer
{
namespace
{

// Two letters that together are the case variant of one character: the ligatures of f and t, and the sharp s.
bool foldsToOne(char32_t first, char32_t second)
{
    const auto lower = [](char32_t c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
    const auto [a, b] = std::pair(lower(first), lower(second));
    return (a == 's' && (b == 's' || b == 't')) || (a == 'f' && (b == 'f' || b == 'i' || b == 'l'));
}

} // namespace

// Up to the closing parenthesis, which is left, or the end.
std::string PatternTranslator::alternatives(PatternOptions options, int depth)
{
    if (depth > kMaxPatternDepth) {
        refuse("too many groups in each other");
    }
    std::string result;
    std::string closing;
    std::optional<char32_t> previous;
    while (!m_rest.empty() && !startsWith(")")) {
        if (take("|")) {
            result += '|';
            previous.reset();
            continue;
        }
        PatternAtom next = atom(options, depth);
        if (next.pattern.empty()) { // options that hold up to the end of the group, alternatives included
            result += options.ignoreCase ? "(?i:" : "(?-i:";
            closing += ')';
            previous.reset();
            continue;
        }
        if (options.ignoreCase && previous && next.literal && foldsToOne(*previous, *next.literal)) {
            refuse("letters that are one character in another case");
        }
        previous = next.literal;
        quantify(next);
        result += next.pattern;
    }
    return result + closing;
}

// An empty pattern where only options were read.
PatternAtom PatternTranslator::atom(PatternOptions& options, int depth)
{
    if (take("(")) {
        if (startsWith("?") && !startsWith("?<") && !startsWith("?'")) {
            if (const auto changed = readOptions(options)) {
                if (take(")")) {
                    options = *changed;
                    return {};
                }
                take(":");
                PatternAtom inner{(changed->ignoreCase ? "(?i:" : "(?-i:") + alternatives(*changed, depth + 1) + ")"};
                if (!take(")")) {
                    refuse("a group that is not closed");
                }
                return inner;
            }
        }
        return group(depth, options);
    }
    if (startsWith("[")) {
        take("[");
        return {patternOf(bracketed(options, depth), false)};
    }
    if (take(".")) {
        return {options.dotMatchesNewline ? std::string(kAnyCharacter) : "[^\\n]"};
    }
    if (take("^")) {
        return {"^", false};
    }
    if (take("$")) {
        return {"$", false};
    }
    if (startsWith("\\")) {
        return escape(options);
    }
    if (atQuantifier()) {
        refuse("a quantifier without anything to repeat");
    }
    return literal(takeCharacter(), options);
}

// The options of "(?im-x:" or "(?i)", up to the colon or the parenthesis. Nothing, and nothing read, for other groups.
std::optional<PatternOptions> PatternTranslator::readOptions(PatternOptions options)
{
    std::size_t end = 1;
    while (end < m_rest.size() && (std::isalpha(static_cast<unsigned char>(m_rest[end])) != 0 || m_rest[end] == '-')) {
        ++end;
    }
    if (end == 1 || end == m_rest.size() || (m_rest[end] != ':' && m_rest[end] != ')')) {
        return std::nullopt;
    }
    bool on = true;
    for (const char c : m_rest.substr(1, end - 1)) {
        if (c == '-') {
            on = false;
        } else if (c == 'i') {
            options.ignoreCase = on;
        } else if (c == 'm') {
            options.dotMatchesNewline = on;
        } else if (c != 'x' || on) {
            refuse(std::string("the option (?") + c + ")");
        }
    }
    m_rest.remove_prefix(end);
    return options;
}

PatternAtom PatternTranslator::group(int depth, PatternOptions options)
{
    PatternAtom result;
    bool known = false;
    for (const char* opening : {"?:", "?>", "?=", "?!", "?<=", "?<!"}) {
        if (!known && take(opening)) {
            known = true;
            result.pattern = std::string("(") + opening;
            result.repeatable = opening[1] == ':' || opening[1] == '>';
        }
    }
    if (!known && startsWith("?")) {
        const std::size_t end = startsWith("?<") ? m_rest.find('>') : startsWith("?'") ? m_rest.find('\'', 2) : 0;
        if (end == 0 || end == std::string_view::npos) {
            refuse("a group (" + std::string(m_rest.substr(0, 2)));
        }
        m_rest.remove_prefix(end + 1);
    }
    if (!known) {
        result.pattern = "(?:";
    }
    result.pattern += alternatives(options, depth + 1) + ")";
    if (!take(")")) {
        refuse("a group that is not closed");
    }
    return result;
}

PatternAtom PatternTranslator::literal(char32_t c, PatternOptions options) const
{
    if (options.ignoreCase && c > 0x7F) {
        refuse("a case-insensitive character beyond ASCII");
    }
    return {escapedCharacter(c), true, c};
}

bool PatternTranslator::atQuantifier()
{
    const std::string_view kept = m_rest;
    std::string interval;
    bool exact = false;
    const bool there = startsWith("?") || startsWith("*") || startsWith("+") || takeInterval(interval, exact);
    m_rest = kept;
    return there;
}

// Reads {n}, {n,}, {,m} and {n,m}, which are written as PCRE2 has them. Other braces are themselves.
bool PatternTranslator::takeInterval(std::string& interval, bool& exact)
{
    const std::size_t close = startsWith("{") ? m_rest.find('}') : std::string_view::npos;
    if (close == std::string_view::npos) {
        return false;
    }
    const std::string_view inside = m_rest.substr(1, close - 1);
    const std::size_t comma = inside.find(',');
    const std::string_view low = inside.substr(0, comma);
    const std::string_view high = comma == std::string_view::npos ? std::string_view() : inside.substr(comma + 1);
    for (const std::string_view number : {low, high}) {
        if (number.size() > 5 || number.find_first_not_of("0123456789") != std::string_view::npos) {
            return false;
        }
    }
    if (low.empty() && high.empty()) {
        return false;
    }
    exact = comma == std::string_view::npos;
    if (!low.empty() && !high.empty() && std::stoi(std::string(low)) > std::stoi(std::string(high))) {
        refuse("an interval that ends before it begins");
    }
    interval = "{" + (low.empty() ? "0" : std::string(low)) + (exact ? "" : ",") + std::string(high) + "}";
    m_rest.remove_prefix(close + 1);
    return true;
}

// Appends what repeats the atom.
void PatternTranslator::quantify(PatternAtom& atom)
{
    if (!atQuantifier()) {
        return;
    }
    if (!atom.repeatable) {
        refuse("a quantifier that repeats a place");
    }
    std::string interval;
    bool exact = false;
    while (takeInterval(interval, exact)) {
        atom.pattern += interval;
        const std::string repeated = "(?:" + atom.pattern + ")";
        if (take("+")) { // neither possessive
            atom.pattern = repeated + "+";
            break;
        }
        if (take("?")) { // nor, of an exact number, lazy
            atom.pattern = exact ? repeated + "?" : atom.pattern + "?";
            break;
        }
        atom.pattern = repeated;
    }
    if (interval.empty()) {
        atom.pattern += static_cast<char>(takeCharacter());
        for (const char* suffix : {"?", "+"}) {
            if (take(suffix)) {
                atom.pattern += suffix;
                break;
            }
        }
    }
    if (atQuantifier()) {
        refuse("a quantifier that repeats a quantifier");
    }
}

Result<std::string> translatePattern(std::string_view pattern)
{
    try {
        return PatternTranslator(pattern).translate();
    } catch (const PatternRefusal& refusal) {
        return Failure{"The regular expression \"" + std::string(pattern) + "\" has " + refusal.what + " at byte " +
                           std::to_string(refusal.where + 1) + ", which is not supported.",
                       {}};
    }
}

} // namespace dskd::tokenizer
