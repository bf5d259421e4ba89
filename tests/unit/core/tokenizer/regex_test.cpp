#include "core/tokenizer/steps/regex.h"

#include <gtest/gtest.h>

namespace dskd::tokenizer
{
namespace
{

std::vector<std::string> matches(std::string_view pattern, std::string_view text)
{
    const Regex regex = std::move(Regex::compile(pattern)).value();
    RegexMatcher matcher;
    std::vector<std::string> found;
    std::size_t from = 0;
    while (const auto match = matcher.find(regex, text, from)) {
        found.emplace_back(text.substr(match->begin, match->end - match->begin));
        from = match->end;
    }
    return found;
}

TEST(Regex, WhiteSpaceIsTheUnicodeProperty)
{
    EXPECT_EQ(matches(R"(\s)", "a\u0085\u00a0\u3000b").size(), 3U);
    EXPECT_TRUE(matches(R"(\s)", "\u180e\u200b").empty());
    EXPECT_EQ(matches(R"([^\s]+)", "\u180ex y"), (std::vector<std::string>{"\u180ex", "y"}));
    EXPECT_EQ(matches(R"(\S+)", "x\u2028y"), (std::vector<std::string>{"x", "y"}));
}

TEST(Regex, CategoriesHoldTheCharactersOfUnicode16)
{
    EXPECT_EQ(matches(R"(\p{L}+)", "\U00010d4a\U0002ebf0x"), (std::vector<std::string>{"\U00010d4a\U0002ebf0x"}));
    EXPECT_EQ(matches(R"([^\p{L}\p{N}]+)", "a\U00010d40!"), (std::vector<std::string>{"!"}));
    EXPECT_EQ(matches(R"(\P{N}+)", "a\U00010d40!"), (std::vector<std::string>{"a", "!"}));
}

TEST(Regex, ClassesOfRustHoldJoinersAndNewerDigits)
{
    EXPECT_EQ(matches(wordCharacter(), "a\u200d\u200c_\u0301\u0663").size(), 6U);
    EXPECT_TRUE(matches(wordCharacter(), "- \u00b2\u20dd\u200b").size() == 1U) << "an enclosing mark is one";
    EXPECT_EQ(matches(numericCharacter(), "1\u00bd\u2167\U00016ff4").size(), 4U);
    EXPECT_TRUE(matches(numericCharacter(), "a\u516d").empty());
}

TEST(Regex, FindsAMegabyteWithoutRunningOutOfStack)
{
    const std::string spaces(1 << 20, ' ');
    EXPECT_EQ(matches(R"(\s*[\r\n]+|\s+(?!\S)|\s+)", spaces + "x").front().size(), spaces.size() - 1);
    const std::string letters(1 << 20, 'a');
    EXPECT_EQ(matches(R"((?:a|b)+)", letters).size(), 1U);
}

TEST(Regex, SaysWhatIsWrongWithAPattern)
{
    const auto regex = Regex::compile("(a");
    ASSERT_FALSE(regex);
    EXPECT_NE(regex.failure().what.find("\"(a\""), std::string::npos);
    EXPECT_NE(regex.failure().what.find("parenthes"), std::string::npos);
}

} // namespace
} // namespace dskd::tokenizer
