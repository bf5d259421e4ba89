#include "core/tokenizer/steps/character_sets.h"

#include <array>
#include <utility>

namespace dskd::tokenizer
{
namespace
{

// Code points that Unicode 16 has in a set and that older versions of PCRE2 do not know; ranges as they stand inside a
// character class. Harmless where PCRE2 knows them.
constexpr std::pair<std::string_view, std::string_view> kAdditions[] = {
#include "core/tokenizer/steps/unicode_additions.inc"
};

// Characters of Unicode 14 that later versions have put into another set.
constexpr std::pair<std::string_view, std::string_view> kChanges[] = {
    {"Alphabetic", R"(\x{363}-\x{36F}\x{C04}\x{F82}-\x{F83}\x{1DD3}-\x{1DE6}\x{11080}-\x{11081})"},
    {"Lowercase", R"(\x{10FC}\x{A7F2}-\x{A7F4}\x{AB69})"},
    {"Mc", R"(\x{1171E})"}};

std::string additions(std::string_view name)
{
    std::string ranges;
    const auto append = [&](const auto& table) {
        for (const auto& [known, members] : table) {
            ranges += known == name ? members : std::string_view();
        }
    };
    append(kAdditions);
    append(kChanges);
    return ranges;
}

constexpr std::string_view kWordOfPcre2 = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})";

constexpr std::array<std::string_view, 36> kCategories = {
    "L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "Mn", "Mc", "Me", "N",  "Nd", "Nl", "No", "P",  "Pc", "Pd",         "Ps",
    "Pe", "Pi", "Pf", "Po", "S",  "Sm", "Sc", "Sk", "So", "Z",  "Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Alphabetic", "LC"};

// Of PCRE2's names a bare script is the set of its extensions, Oniguruma's is the script.
constexpr std::array<std::string_view, 24> kScripts = {
    "Arabic",   "Armenian", "Bengali", "Bopomofo", "Common", "Cyrillic", "Devanagari", "Ethiopic",
    "Georgian", "Greek",    "Han",     "Hangul",   "Hebrew", "Hiragana", "Katakana",   "Khmer",
    "Lao",      "Latin",    "Myanmar", "Sinhala",  "Tamil",  "Telugu",   "Thai",       "Tibetan"};

bool sameName(std::string_view written, std::string_view name)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    std::size_t matched = 0;
    for (const char c : written) {
        if (c == ' ' || c == '-' || c == '_') {
            continue;
        }
        if (matched == name.size() || lower(c) != lower(name[matched])) {
            return false;
        }
        ++matched;
    }
    return matched == name.size();
}

std::string withAdditions(std::string members, std::string_view name)
{
    members += additions(name);
    return members;
}

} // namespace

std::string spaceMembers()
{
    return R"(\p{Z}\t-\r\x{85})"; // PCRE2's own \s has U+180E besides, which Unicode took out in version 6.3
}

std::string wordMembers()
{
    return withAdditions(std::string(kWordOfPcre2), "Word");
}

std::string wordMembersOutsideSets()
{
    return wordMembers() + R"(\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE})"; // a table of Latin-1 says so
}

std::optional<std::string> propertyMembers(std::string_view name)
{
    for (const std::string_view category : kCategories) {
        if (sameName(name, category)) {
            const std::string_view ofPcre2 = category == "LC" ? "L&" : category;
            return withAdditions("\\p{" + std::string(ofPcre2) + "}", category);
        }
    }
    for (const std::string_view script : kScripts) {
        if (sameName(name, script)) {
            return withAdditions("\\p{sc:" + std::string(script) + "}", script);
        }
    }
    return sameName(name, "Word") ? std::optional(wordMembersOutsideSets()) : std::nullopt;
}

std::string propertyExceptions(std::string_view name)
{
    return sameName(name, "Mn") ? R"(\x{1171E})" : "";
}

std::optional<std::string> posixMembers(std::string_view name)
{
    if (name == "alpha") {
        return propertyMembers("Alphabetic");
    }
    if (name == "digit") {
        return propertyMembers("Nd");
    }
    if (name == "alnum") {
        return *propertyMembers("Alphabetic") + *propertyMembers("Nd");
    }
    if (name == "upper" || name == "lower") {
        const std::string property = name == "upper" ? "Uppercase" : "Lowercase";
        return withAdditions("\\p{" + property + "}", property);
    }
    if (name == "space") {
        return spaceMembers();
    }
    if (name == "blank") {
        return *propertyMembers("Zs") + "\\t";
    }
    if (name == "word") {
        return wordMembers();
    }
    if (name == "xdigit") {
        return std::string(kHexDigits);
    }
    return name == "ascii" ? std::optional<std::string>("\\x{0}-\\x{7F}") : std::nullopt;
}

std::string numericCharacter()
{
    return "[" + withAdditions("\\p{N}", "RustNumeric") + "]";
}

std::string wordCharacter()
{
    constexpr std::string_view kJoinControls = R"(\x{200C}\x{200D})";
    return "[" + withAdditions(std::string(kWordOfPcre2) + std::string(kJoinControls), "RustWord") + "]";
}

} // namespace dskd::tokenizer
