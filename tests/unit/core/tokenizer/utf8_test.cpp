#include "core/tokenizer/utf8.h"

#include "core/tokenizer/steps/byte_alphabet.h"

#include <gtest/gtest.h>
#include <set>

namespace dskd::tokenizer
{
namespace
{

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

TEST(Utf8, WritesWhatItReads)
{
    for (const std::uint32_t code : {0x0U, 0x7FU, 0x80U, 0x7FFU, 0x800U, 0xFFFFU, 0x10000U, 0x10FFFFU}) {
        std::string text;
        appendCodePoint(text, code);
        EXPECT_EQ(firstCodePoint(text), code);
        EXPECT_EQ(codePointLength(text.front()), text.size());
    }
}

TEST(ByteAlphabet, GivesEveryByteItsOwnCharacter)
{
    std::set<std::uint32_t> characters;
    for (unsigned byte = 0; byte < 256; ++byte) {
        std::string spelled;
        appendCodePoint(spelled, characterOfByte(static_cast<unsigned char>(byte)));
        EXPECT_EQ(bytesOfSpelling(spelled), std::string(1, static_cast<char>(byte)));
        characters.insert(characterOfByte(static_cast<unsigned char>(byte)));
    }
    EXPECT_EQ(characters.size(), 256U);
    EXPECT_EQ(bytesOfSpelling("\u0120like"), " like");
    EXPECT_EQ(bytesOfSpelling("a b"), std::nullopt);
}

} // namespace
} // namespace dskd::tokenizer
