#include "core/score/exact_match.h"

#include <gtest/gtest.h>
#include <vector>

namespace dskd::score
{
namespace
{

// Expected values: " ".join("".join(c for c in text.lower() if c not in string.punctuation).split()) in Python 3.11.
TEST(NormalisedAnswer, LowersDeletesPunctuationAndCollapsesSpaces)
{
    EXPECT_EQ(normalisedAnswer("  The Answer, of-course: \"42\"!\n\t(yes) "), "the answer ofcourse 42 yes");
    EXPECT_EQ(normalisedAnswer("\xc3\x89"
                               "COLE \xce\xa9mega"),
              "\xc3\xa9"
              "cole \xcf\x89mega");
    EXPECT_EQ(normalisedAnswer("a\xc2\xa0\xe2\x80\x83"
                               "b\x1c"
                               "c\xc2\x85"
                               "d"),
              "a b c d");
    EXPECT_EQ(normalisedAnswer("\xe2\x80\x9cquoted\xe2\x80\x9d"), "\xe2\x80\x9cquoted\xe2\x80\x9d"); // not ASCII: stays
    EXPECT_EQ(normalisedAnswer("?!"), "");
    EXPECT_EQ(normalisedAnswer(""), "");
}

TEST(NormalisedAnswer, KeepsBytesThatAreNotUtf8)
{
    EXPECT_EQ(normalisedAnswer(" AB \xff  C."), "ab \xff c");
}

TEST(NormalisedAnswer, GrowsWithTextWhoseLowerCaseIsLonger)
{
    std::string upper;
    for (int i = 0; i < 500; ++i) {
        upper += "\xc8\xba"; // U+023A, two bytes; its lower case U+2C65 has three
    }
    EXPECT_EQ(normalisedAnswer(upper).size(), 1500u);
}

TEST(ExactMatch, AcceptsAnyReference)
{
    const std::vector<std::string> references = {"Paris", "The city of Paris."};
    EXPECT_TRUE(exactMatch(references, "the city of  paris"));
    EXPECT_TRUE(exactMatch(references, "PARIS!"));
    EXPECT_FALSE(exactMatch(references, "Paris, France"));
    EXPECT_FALSE(exactMatch({}, ""));
}

} // namespace
} // namespace dskd::score
