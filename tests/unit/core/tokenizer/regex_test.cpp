#include "core/tokenizer/steps/regex.h"

#include "core/tokenizer/steps/character_sets.h"

#include <chrono>
#include <gtest/gtest.h>

namespace dskd::tokenizer
{
namespace
{

std::vector<std::string> matches(Result<Regex> compiled, std::string_view text)
{
    const Regex regex = std::move(compiled).value();
    RegexMatcher matcher;
    std::vector<std::string> found;
    std::size_t from = 0;
    while (const auto match = matcher.find(regex, text, from)) {
        found.emplace_back(text.substr(match->begin, match->end - match->begin));
        from = match->end;
    }
    return found;
}

std::vector<std::string> matches(std::string_view pattern, std::string_view text)
{
    return matches(Regex::compile(pattern), text);
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
    EXPECT_EQ(matches(Regex::compilePcre2(wordCharacter()), "a\u200d\u200c_\u0301\u0663").size(), 6U);
    EXPECT_TRUE(matches(Regex::compilePcre2(wordCharacter()), "- \u00b2\u20dd\u200b").size() == 1U)
        << "an enclosing mark is one";
    EXPECT_EQ(matches(Regex::compilePcre2(numericCharacter()), "1\u00bd\u2167\U00016ff4").size(), 4U);
    EXPECT_TRUE(matches(Regex::compilePcre2(numericCharacter()), "a\u516d").empty());
}

TEST(Regex, FindsAMegabyteWithoutRunningOutOfStack)
{
    const std::string spaces(1 << 20, ' ');
    EXPECT_EQ(matches(R"(\s*[\r\n]+|\s+(?!\S)|\s+)", spaces + "x").front().size(), spaces.size() - 1);
    const std::string letters(1 << 20, 'a');
    EXPECT_EQ(matches(R"((?:a|b)+)", letters).size(), 1U);
}

TEST(Regex, FindsWhatIsFarAheadAndLooksBack)
{
    const std::string text = std::string(100'000, '-') + "\u00e9x" + std::string(127, '-') + "\u00e9\u00e9y";
    EXPECT_EQ(matches("(?<=\u00e9)[xy]", text), (std::vector<std::string>{"x", "y"}));
    EXPECT_TRUE(matches("z", text).empty());
}

TEST(Regex, RefusesATextThatNeedsTooManySteps)
{
    const Regex regex = std::move(Regex::compile("(?:a+)+(?=!)")).value();
    RegexMatcher matcher;
    const std::string text(64, 'a');
    try {
        (void)matcher.find(regex, text, 0);
        FAIL() << "2^64 steps";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("\"(?:a+)+(?=!)\""), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find("text of 64 bytes"), std::string::npos) << error.what();
    }
}

// Each place alone needs few steps; all of them need their square.
TEST(Regex, RefusesATextThatTakesTooLong)
{
    const Regex regex = std::move(Regex::compile("a+(?=!)")).value();
    const std::string text(1000, 'a');
    RegexMatcher hasty(std::chrono::milliseconds(-1));
    EXPECT_THROW((void)hasty.find(regex, text, 0), Error);
    RegexMatcher matcher;
    EXPECT_FALSE(matcher.find(regex, text, 0)) << "and one that does not is read to its end";
}

TEST(Regex, SaysWhatIsWrongWithAPattern)
{
    const auto regex = Regex::compile("(?<=\\w+)a"); // PCRE2 looks back by fixed lengths only
    ASSERT_FALSE(regex);
    EXPECT_NE(regex.failure().what.find("\"(?<=\\w+)a\""), std::string::npos);
    EXPECT_NE(regex.failure().what.find("lookbehind"), std::string::npos) << regex.failure().what;
}

} // namespace
} // namespace dskd::tokenizer
