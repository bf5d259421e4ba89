// Patterns of Oniguruma's syntax against what it matches (tests/reference/regex_golden.py).

#include "core/tokenizer/steps/regex_syntax.h"

#include "core/base/regular_file.h"
#include "core/base/utf8.h"
#include "core/tokenizer/steps/pre_tokenizer.h"
#include "core/tokenizer/steps/regex.h"
#include "tests/unit/core/tokenizer/golden_cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;
using testing::HasSubstr;

std::string refusal(std::string_view pattern)
{
    const auto translated = translatePattern(pattern);
    return translated ? "no failure: " + *translated : translated.failure().what;
}

// The words of a text that a Split with this behavior makes.
std::vector<std::string> words(const std::string& pattern, const char* behavior, const std::string& text)
{
    const json step = {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", behavior}};
    const PreTokenizer split = std::move(parsePreTokenizer(step)).value();
    RegexMatcher matcher;
    WordList list;
    split.apply({text, nullptr, 0}, list, matcher);
    std::vector<std::string> found;
    for (const TextRange& word : list.words) {
        found.emplace_back(list.text.text.substr(word.begin, word.end - word.begin));
    }
    return found;
}

// Random patterns and texts. What is refused is refused with a reason that names the construct, and is the smaller
// part.
TEST(RegexSyntax, SplitsAsTheReferenceOrRefuses)
{
    const json cases = json::parse(readTextFile(goldenFolder() / "regex_cases.json").value());
    ASSERT_GE(cases.size(), 400U);
    std::size_t refused = 0;
    for (const json& one : cases) {
        const auto pattern = one["pattern"].get<std::string>();
        const json step = {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}};
        const auto split = parsePreTokenizer(step);
        if (!split) {
            ++refused;
            EXPECT_FALSE(one.value("published", false)) << split.failure().what;
            EXPECT_THAT(split.failure().what, HasSubstr(pattern));
            continue;
        }
        for (const json& text : one["texts"]) {
            const auto input = text["text"].get<std::string>();
            EXPECT_EQ(words(pattern, "Isolated", input), text["isolated"].get<std::vector<std::string>>())
                << pattern << " on " << quoted(input);
            EXPECT_EQ(words(pattern, "Removed", input), text["removed"].get<std::vector<std::string>>())
                << pattern << " on " << quoted(input);
        }
    }
    EXPECT_LT(refused, cases.size() / 5);
}

// Of all characters, as ranges: the FNV-1a hash of "begin-end,...".
TEST(RegexSyntax, SetsHoldTheCharactersOfTheReference)
{
    std::string all;
    std::vector<std::pair<std::size_t, std::uint32_t>> characterAt; // where each begins
    for (std::uint32_t c = 0; c < 0x110000; ++c) {
        if (c < 0xD800 || c > 0xDFFF) {
            characterAt.emplace_back(all.size(), c);
            appendCodePoint(all, c);
        }
    }
    const json sets = json::parse(readTextFile(goldenFolder() / "regex_sets.json").value());
    ASSERT_GE(sets.size(), 60U);
    for (const auto& [pattern, expected] : sets.items()) {
        const auto compiled = Regex::compile("(?:" + pattern + ")+");
        ASSERT_TRUE(compiled) << compiled.failure().what;
        RegexMatcher matcher;
        std::uint64_t hash = 0xCBF29CE484222325ULL;
        const auto numberAt = [&](std::size_t position) {
            return std::lower_bound(characterAt.begin(), characterAt.end(), std::pair(position, std::uint32_t{0}))
                ->second;
        };
        std::size_t from = 0;
        while (const auto run = matcher.find(*compiled, all, from)) {
            const std::uint32_t first = numberAt(run->begin);
            const std::uint32_t last = numberAt(codePointBegin(all, run->end - 1));
            const bool aroundSurrogates = first < 0xD800 && last > 0xDFFF;
            const std::string ranges =
                std::to_string(first) + (aroundSurrogates ? "-55295,57344-" : "-") + std::to_string(last) + ",";
            for (const char c : ranges) {
                hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
            }
            from = run->end;
        }
        EXPECT_EQ(std::to_string(hash), expected.get<std::string>()) << pattern;
    }
}

TEST(RegexSyntax, RefusesWhatHasNoTranslation)
{
    EXPECT_THAT(refusal(R"((a)\1)"), HasSubstr(R"("(a)\1" has the escape \1 at byte 4, which is not supported)"));
    EXPECT_THAT(refusal(R"(a\Kb)"), HasSubstr(R"(the escape \K)"));
    EXPECT_THAT(refusal(R"(\X)"), HasSubstr(R"(the escape \X)"));
    EXPECT_THAT(refusal(R"(\p{Emoji})"), HasSubstr(R"(the property "Emoji")"));
    EXPECT_THAT(refusal("(?~ab)"), HasSubstr("a group (?~"));
    EXPECT_THAT(refusal("(?x: a)"), HasSubstr("the option (?x)"));
    EXPECT_THAT(refusal("(?i:sS)"), HasSubstr("one character in another case"));
    EXPECT_THAT(refusal("(?i)\u00df"), HasSubstr("beyond ASCII"));
    EXPECT_THAT(refusal(R"((?i:\p{Lu}))"), HasSubstr("case-insensitive set"));
    EXPECT_THAT(refusal("[a&&]"), HasSubstr("an empty side of &&"));
    EXPECT_THAT(refusal("[[:punct:]]"), HasSubstr("the class [:punct:]"));
    EXPECT_THAT(refusal("a**"), HasSubstr("repeats a quantifier"));
    EXPECT_THAT(refusal("a{3,2}"), HasSubstr("ends before it begins"));
    EXPECT_THAT(refusal(R"(\xE9)"), HasSubstr("a byte of a character"));
    for (const char* broken : {"(a", "a)", "[a", "[]", R"(\)", R"(\p{L)", R"(\x{110000})", R"(\u12)", "*a", "[z-a]",
                               R"([a-\d])", R"([\d-z])", "(?=a)*", "(?<n"}) {
        EXPECT_THAT(refusal(broken), HasSubstr("is not supported")) << broken;
    }
    EXPECT_THAT(refusal(std::string(1000, '(') + std::string(1000, ')')), HasSubstr("too many groups"));
    EXPECT_THAT(refusal(std::string(1000, '[') + "a" + std::string(1000, ']')), HasSubstr("too many sets"));
}

} // namespace
} // namespace dskd::tokenizer
