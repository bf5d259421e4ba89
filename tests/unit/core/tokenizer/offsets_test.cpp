#include "tests/unit/core/tokenizer/golden_cases.h"

#include <gtest/gtest.h>
#include <thread>

namespace dskd::tokenizer
{
namespace
{

using Spans = std::vector<ByteSpan>;

Spans spansOf(const char* folder, std::string_view text)
{
    return mustLoad(goldenFolder() / folder)->encode(text).offsets;
}

TEST(Offsets, OfASplitCharacterAreItsBytesOneByOne)
{
    EXPECT_EQ(spansOf("gpt2", "\U000e0041"), (Spans{{0, 1}, {1, 2}, {2, 3}, {3, 4}}));
    // Llama-2 puts a visible space first: it has no bytes of the text.
    EXPECT_EQ(spansOf("llama2", "\U000e0041"), (Spans{{0, 0}, {0, 1}, {1, 2}, {2, 3}, {3, 4}}));
    EXPECT_EQ(spansOf("spm_bpe", "\U000e0041"), (Spans{{0, 0}, {0, 1}, {1, 2}, {2, 3}, {3, 4}}));
}

TEST(Offsets, OfAComposedCharacterCoverWhatItWasComposedOf)
{
    // q stays; n + U+0303 becomes U+00F1, whose two bytes take the first byte and the other two.
    EXPECT_EQ(spansOf("qwen", "qn\u0303"), (Spans{{0, 1}, {1, 2}, {2, 4}}));
}

TEST(Offsets, OfInvalidBytesAreThoseOfTheirReplacement)
{
    const auto tokenizer = mustLoad(goldenFolder() / "gpt2");
    const Encoding encoding = tokenizer->encode("q\xF0\x9F\x98z\xFF");
    EXPECT_EQ(encoding.replacedBytes, 4U);
    EXPECT_EQ(tokenizer->decode(encoding.ids), "q\uFFFDz\uFFFD");
    EXPECT_EQ(encoding.offsets.front(), (ByteSpan{0, 1}));
    EXPECT_EQ(encoding.offsets.back().end, 6U);
}

TEST(Offsets, OfAddedSpecialTokensAreEmpty)
{
    const Encoding encoding = mustLoad(goldenFolder() / "llama3")->encode("hi", true);
    EXPECT_EQ(encoding.offsets.front(), (ByteSpan{0, 0}));
    EXPECT_EQ(encoding.offsets.back(), (ByteSpan{2, 2}));
}

TEST(Offsets, OfATokenThatSwallowsSpacesIncludeThem)
{
    const auto tokenizer = mustLoad(goldenFolder() / "added");
    const Encoding encoding = tokenizer->encode("q  [LEFT]");
    ASSERT_GE(encoding.ids.size(), 2U);
    EXPECT_EQ(tokenizer->piece(encoding.ids.back()), "[LEFT]");
    EXPECT_EQ(encoding.offsets.back(), (ByteSpan{1, 9}));
}

TEST(Tokenizer, ServesManyThreadsAtOnce)
{
    const auto tokenizer = mustLoad(goldenFolder() / "qwen");
    const auto cases = readGoldenCases(goldenFolder() / "qwen" / "cases.json");
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (int& mine : wrong) {
        threads.emplace_back([&] {
            for (int round = 0; round < 5; ++round) {
                for (const GoldenCase& expected : cases) {
                    mine += tokenizer->encode(expected.text).ids == expected.ids ? 0 : 1;
                    mine += tokenizer->decode(expected.idsWithSpecial) == expected.decoded ? 0 : 1;
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Tokenizer, BytesOfAPieceAreWhatItStandsForInAText)
{
    const auto llama = mustLoad(goldenFolder() / "llama2");
    EXPECT_EQ(llama->bytes(*llama->idOf("<0x0A>")), "\n");
    EXPECT_EQ(llama->bytes(*llama->idOf("\u2581")), " ");
    EXPECT_EQ(llama->bytes(*llama->idOf("<s>")), "");
    const auto gpt2 = mustLoad(goldenFolder() / "gpt2");
    EXPECT_EQ(gpt2->bytes(*gpt2->idOf("\u0120")), " ");
    const auto spm = mustLoad(goldenFolder() / "spm_bpe");
    EXPECT_EQ(spm->bytes(*spm->idOf("<0xFF>")), "\xFF");
}

} // namespace
} // namespace dskd::tokenizer
