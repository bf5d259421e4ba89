// Escapes of a pattern: \w, \p{Lu}, \x{41}, \R and the others that begin with a backslash.

#include "core/tokenizer/steps/character_sets.h"
#include "core/tokenizer/steps/regex_translator.h"

#include <cctype>
#include <cstdint>

namespace dskd::tokenizer
{
namespace
{

constexpr std::string_view kLineEnd = R"((?>\r\n|[\n-\r\x{85}\x{2028}\x{2029}]))";

} // namespace

// An escape outside of a set. REQUIRES: the rest starts with a backslash.
PatternAtom PatternTranslator::escape(PatternOptions options)
{
    const char letter = m_rest.size() > 1 ? m_rest[1] : '\0';
    const std::string word = "[" + wordMembersOutsideSets() + "]";
    const auto taken = [&](PatternAtom result) {
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
    if (!set.empty()) {
        return {patternOf(set, false)};
    }
    return literal(characterOfEscape(), options);
}

// Of \s, \W, \p{L} and the like, as in a set and outside; empty, and nothing read, for other escapes.
CharacterSet PatternTranslator::setOfEscape(PatternOptions options)
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
char32_t PatternTranslator::characterOfEscape()
{
    constexpr std::pair<char, char32_t> kControls[] = {{'t', '\t'}, {'n', '\n'}, {'v', 0x0B}, {'r', '\r'},
                                                       {'f', '\f'}, {'a', 0x07}, {'e', 0x1B}};
    const PatternTranslator before = *this;
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

char32_t PatternTranslator::hexCharacter(std::size_t digits)
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

} // namespace dskd::tokenizer
