#include "core/base/utf8.h"

#include <gmock/gmock.h>
#include <vector>

namespace dskd
{
namespace
{

using testing::ElementsAre;

std::vector<char32_t> codePoints(std::string_view text)
{
    std::vector<char32_t> found;
    for (std::size_t position = 0; position < text.size();) {
        found.push_back(nextCodePoint(text, position));
    }
    return found;
}

TEST(Utf8, ReplacesEachMaximalSubpartOnce)
{
    const std::string r(kReplacementCharacter);
    // The example of the Unicode Standard, section 3.9, table 3-11.
    EXPECT_EQ(replaceInvalidUtf8("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64"),
              "a" + r + r + r + "b" + r + "c" + r + r + "d");
    EXPECT_EQ(replaceInvalidUtf8("\xED\xA0\x80"), r + r + r);
    EXPECT_EQ(replaceInvalidUtf8("\xC0\xAF"), r + r);
    EXPECT_EQ(replaceInvalidUtf8("\xF4\x90\x80\x80"), r + r + r + r);
    EXPECT_EQ(replaceInvalidUtf8("plain \u00e9 text"), "plain \u00e9 text");
}

TEST(Utf8, KnowsValidFromInvalid)
{
    EXPECT_TRUE(isValidUtf8(""));
    EXPECT_TRUE(isValidUtf8(std::string_view("a\0b", 3)));
    EXPECT_TRUE(isValidUtf8("ASCII of more than eight bytes, then \U0010ffff"));
    EXPECT_FALSE(isValidUtf8("ASCII of more than eight bytes, then \xF4\x90\x80\x80"));
    EXPECT_FALSE(isValidUtf8("\xE2\x82"));
}

TEST(Utf8, StepsOverOneMaximalSubpartOfAnIllFormedSequence)
{
    struct Case {
        std::string_view text;
        std::size_t length;
    };
    // Overlong forms, a surrogate and what lies beyond U+10FFFF end at their first byte; a cut sequence is one subpart.
    for (const Case& expected : {Case{"\xc0\x80", 1}, Case{"\xe0\x80\x80", 1}, Case{"\xed\xa0\x80", 1},
                                 Case{"\xf5\x80\x80\x80", 1}, Case{"\xe2\x82", 2}, Case{"\xf0\x9f\x98", 3}}) {
        const Utf8Step step = utf8Step(expected.text, 0);
        EXPECT_FALSE(step.valid);
        EXPECT_EQ(step.length, expected.length);
        EXPECT_EQ(step.codePoint, U'\uFFFD');
    }
}

TEST(Utf8, ReadsCodePointsOneAfterAnother)
{
    EXPECT_THAT(codePoints("a\u00e9\u20ac\U0001f600"), ElementsAre(U'a', U'\u00e9', U'\u20ac', U'\U0001f600'));
    EXPECT_THAT(codePoints("\xe2\x82"
                           "a\xff"),
                ElementsAre(U'\uFFFD', U'a', U'\uFFFD'));
}

TEST(Utf8, WritesWhatItReads)
{
    for (const char32_t code : {0x0U, 0x7FU, 0x80U, 0x7FFU, 0x800U, 0xFFFFU, 0x10000U, 0x10FFFFU}) {
        std::string text;
        appendCodePoint(text, code);
        EXPECT_EQ(firstCodePoint(text), code);
        EXPECT_EQ(utf8Step(text, 0).codePoint, code);
        EXPECT_EQ(codePointLength(text.front()), text.size());
        EXPECT_EQ(numCodePoints(text), 1U);
    }
}

TEST(Utf8, CountsCodePoints)
{
    EXPECT_EQ(numCodePoints(""), 0U);
    EXPECT_EQ(numCodePoints("na\u00efve \u20ac"), 7U);
}

TEST(Utf8, FindsTheCodePointAroundAPosition)
{
    const std::string_view text = "a\u20acb"; // one byte, three, one
    const std::vector<std::size_t> begins{0, 1, 1, 1, 4, 5};
    const std::vector<std::size_t> ends{0, 1, 4, 4, 4, 5};
    for (std::size_t position = 0; position <= text.size(); ++position) {
        EXPECT_EQ(codePointBegin(text, position), begins[position]) << position;
        EXPECT_EQ(codePointEnd(text, position), ends[position]) << position;
    }
    EXPECT_EQ(codePointBegin("\x80\x80", 1), 0U) << "no start before it: the text's";
}

} // namespace
} // namespace dskd
