#include "core/tokenizer/steps/regex_syntax.h"

#include "core/base/utf8.h"
#include "core/tokenizer/steps/character_sets.h"

#include <array>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

namespace dskd::tokenizer
{
namespace
{

constexpr int kMaxDepth = 100; // of groups and sets in each other
constexpr std::string_view kAnyCharacter = "(?s:.)";
constexpr std::string_view kLineEnd = R"((?>\r\n|[\n-\r\x{85}\x{2028}\x{2029}]))";

struct Options {
    bool ignoreCase = false;
    bool dotMatchesNewline = false;
};

// One character out of a set. `members` alone, or one of `patterns`, each of which matches one character.
struct CharacterSet {
    std::string members; // inside the brackets of a class
    std::vector<std::string> patterns;
};

// What stands between two quantifiers.
struct Atom {
    std::string pattern;
    bool repeatable = true;
    std::optional<char32_t> literal = std::nullopt;
};

struct Refusal {
    std::string what;
    std::size_t where;
};

std::string escaped(char32_t c)
{
    if (c < 0x80 && std::isalnum(static_cast<int>(c)) != 0) {
        return std::string(1, static_cast<char>(c));
    }
    char text[16];
    std::snprintf(text, sizeof text, "\\x{%X}", static_cast<unsigned>(c));
    return text;
}

std::string joined(const std::vector<std::string>& parts)
{
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : "|") + part;
    }
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

// Two letters that together are the case variant of one character: the ligatures of f and t, and the sharp s.
bool foldsToOne(char32_t first, char32_t second)
{
    const auto lower = [](char32_t c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
    const auto [a, b] = std::pair(lower(first), lower(second));
    return (a == 's' && (b == 's' || b == 't')) || (a == 'f' && (b == 'f' || b == 'i' || b == 'l'));
}

class Translator
{
public:
    explicit Translator(std::string_view pattern) : m_rest(pattern), m_size(pattern.size()) {}

    // Throws Refusal.
    std::string translate()
    {
        std::string result = alternatives({}, 0);
        if (!m_rest.empty()) {
            refuse("an unmatched closing parenthesis");
        }
        return result;
    }

private:
    [[noreturn]] void refuse(std::string what) const { throw Refusal{std::move(what), m_size - m_rest.size()}; }

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

    std::string alternatives(Options options, int depth);
    Atom atom(Options& options, int depth);
    Atom group(int depth, Options options);
    std::optional<Options> readOptions(Options options);
    Atom escape(Options options);
    Atom literal(char32_t c, Options options) const;
    void quantify(Atom& atom);
    bool takeInterval(std::string& interval, bool& exact);
    bool atQuantifier();

    CharacterSet setOfEscape(Options options);
    char32_t characterOfEscape();
    char32_t hexCharacter(std::size_t digits);
    CharacterSet bracketed(Options options, int depth);
    void readMember(CharacterSet& set, Options options, int depth);
    char32_t readRangeEnd(Options options);

    std::string_view m_rest;
    std::size_t m_size;
};

// Up to the closing parenthesis, which is left, or the end.
std::string Translator::alternatives(Options options, int depth)
{
    if (depth > kMaxDepth) {
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
        Atom next = atom(options, depth);
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
Atom Translator::atom(Options& options, int depth)
{
    if (take("(")) {
        if (startsWith("?") && !startsWith("?<") && !startsWith("?'")) {
            if (const auto changed = readOptions(options)) {
                if (take(")")) {
                    options = *changed;
                    return {};
                }
                take(":");
                Atom inner{(changed->ignoreCase ? "(?i:" : "(?-i:") + alternatives(*changed, depth + 1) + ")"};
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
std::optional<Options> Translator::readOptions(Options options)
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

Atom Translator::group(int depth, Options options)
{
    Atom result;
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

Atom Translator::literal(char32_t c, Options options) const
{
    if (options.ignoreCase && c > 0x7F) {
        refuse("a case-insensitive character beyond ASCII");
    }
    return {escaped(c), true, c};
}

// An escape outside of a set. REQUIRES: the rest starts with a backslash.
Atom Translator::escape(Options options)
{
    const char letter = m_rest.size() > 1 ? m_rest[1] : '\0';
    const std::string word = "[" + wordMembersOutsideSets() + "]";
    const auto taken = [&](Atom result) {
        m_rest.remove_prefix(2);
        return result;
    };
    switch (letter) {
    case 'A':
    case 'z':
    case 'Z': return taken({std::string("\\") + letter, false});
    case 'b': return taken({"(?:(?<=" + word + ")(?!" + word + ")|(?<!" + word + ")(?=" + word + "))", false});
    case 'B': return taken({"(?:(?<=" + word + ")(?=" + word + ")|(?<!" + word + ")(?!" + word + "))", false});
    case 'w':
    case 'W':
        if (!options.ignoreCase) {
            return taken({letter == 'w' ? word : "[^" + word.substr(1)});
        }
        break;
    case 'R': return taken({std::string(kLineEnd)});
    case 'N': return taken({"[^\\n]"});
    case 'O': return taken({std::string(kAnyCharacter)});
    default: break;
    }
    const CharacterSet set = setOfEscape(options);
    if (!set.members.empty() || !set.patterns.empty()) {
        return {patternOf(set, false)};
    }
    return literal(characterOfEscape(), options);
}

// Of \s, \W, \p{L} and the like, as in a set and outside; empty, and nothing read, for other escapes.
CharacterSet Translator::setOfEscape(Options options)
{
    const char letter = m_rest.size() > 1 ? m_rest[1] : '\0';
    const char kind = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    bool complement = letter != kind;
    std::string members;
    std::string exceptions;
    std::size_t length = 2;
    if (kind == 's') {
        members = spaceMembers();
    } else if (kind == 'd') {
        members = *propertyMembers("Nd");
    } else if (kind == 'h') {
        members = std::string(kHexDigits);
    } else if (kind == 'w') {
        members = wordMembers();
    } else if (kind == 'p' && m_rest.size() > 2 && m_rest[2] == '{') {
        const std::size_t close = m_rest.find('}');
        if (close == std::string_view::npos) {
            refuse("a property that is not closed");
        }
        std::string_view name = m_rest.substr(3, close - 3);
        if (name.starts_with('^')) {
            complement = !complement;
            name.remove_prefix(1);
        }
        const auto known = propertyMembers(name);
        if (!known) {
            refuse("the property \"" + std::string(name) + "\"");
        }
        members = *known;
        exceptions = propertyExceptions(name);
        length = close + 1;
    } else {
        return {};
    }
    if (options.ignoreCase && (kind == 'w' || kind == 'p')) {
        refuse("a case-insensitive set of letters");
    }
    m_rest.remove_prefix(length);
    if (!exceptions.empty()) {
        return complement ? CharacterSet{exceptions, {"[^" + members + "]"}}
                          : CharacterSet{{}, {"(?>(?![" + exceptions + "])[" + members + "])"}};
    }
    return complement ? CharacterSet{{}, {"[^" + members + "]"}} : CharacterSet{members, {}};
}

// Of an escape that stands for one character.
char32_t Translator::characterOfEscape()
{
    constexpr std::pair<char, char32_t> kControls[] = {{'t', '\t'}, {'n', '\n'}, {'v', 0x0B}, {'r', '\r'},
                                                       {'f', '\f'}, {'a', 0x07}, {'e', 0x1B}};
    const Translator before = *this;
    take("\\");
    if (m_rest.empty()) {
        refuse("a backslash at the end");
    }
    for (const auto& [letter, c] : kControls) {
        if (m_rest.front() == letter) {
            m_rest.remove_prefix(1);
            return c;
        }
    }
    if (take("x{")) {
        const std::size_t digits = m_rest.find('}');
        const char32_t c = hexCharacter(digits);
        take("}");
        return c;
    }
    if (take("x")) {
        const char32_t c = hexCharacter(2);
        if (c > 0x7F) { // a byte, not a character
            before.refuse("a byte of a character (\\x without braces)");
        }
        return c;
    }
    if (take("u")) {
        return hexCharacter(4);
    }
    const auto first = static_cast<unsigned char>(m_rest.front());
    const bool plain = first < 0x80 && std::isalnum(first) != 0 && first != 'p' && first != 'P';
    if (plain) {
        before.refuse("the escape \\" + std::string(1, m_rest.front()));
    }
    return takeCharacter();
}

char32_t Translator::hexCharacter(std::size_t digits)
{
    std::uint32_t value = 0;
    if (digits == 0 || digits > 8 || digits > m_rest.size()) {
        refuse("a character number that is not closed");
    }
    for (const char c : m_rest.substr(0, digits)) {
        if (std::isxdigit(static_cast<unsigned char>(c)) == 0) {
            refuse("a character number with other characters than digits");
        }
        value = value * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        refuse("the number of no character");
    }
    m_rest.remove_prefix(digits);
    return value;
}

// A set, whose opening bracket has been read.
CharacterSet Translator::bracketed(Options options, int depth)
{
    if (depth > kMaxDepth) {
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
            if (set.members.empty() && set.patterns.empty()) {
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
void Translator::readMember(CharacterSet& set, Options options, int depth)
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
        if (!escape.members.empty() || !escape.patterns.empty()) {
            add(escape);
            return refuseRange();
        }
    }
    const char32_t first = readRangeEnd(options);
    set.members += escaped(first);
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
    set.members += "-" + escaped(last);
    if (startsWith("--")) {
        refuse("a hyphen between ranges");
    }
}

char32_t Translator::readRangeEnd(Options options)
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

bool Translator::atQuantifier()
{
    const std::string_view kept = m_rest;
    std::string interval;
    bool exact = false;
    const bool there = startsWith("?") || startsWith("*") || startsWith("+") || takeInterval(interval, exact);
    m_rest = kept;
    return there;
}

// Reads {n}, {n,}, {,m} and {n,m}, which are written as PCRE2 has them. Other braces are themselves.
bool Translator::takeInterval(std::string& interval, bool& exact)
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
void Translator::quantify(Atom& atom)
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

} // namespace

Result<std::string> translatePattern(std::string_view pattern)
{
    try {
        return Translator(pattern).translate();
    } catch (const Refusal& refusal) {
        return Failure{"The regular expression \"" + std::string(pattern) + "\" has " + refusal.what + " at byte " +
                           std::to_string(refusal.where + 1) + ", which is not supported.",
                       {}};
    }
}

} // namespace dskd::tokenizer
