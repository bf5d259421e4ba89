#include "core/tokenizer/steps/byte_alphabet.h"

#include "core/base/utf8.h"

#include <gtest/gtest.h>
#include <set>

namespace dskd::tokenizer
{
namespace
{

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
