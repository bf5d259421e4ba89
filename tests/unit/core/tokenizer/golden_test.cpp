// Our tokenizers against what the reference made of hostile strings, with small tokenizers of every kind.

#include "tests/unit/core/tokenizer/golden_cases.h"

#include <gtest/gtest.h>

namespace dskd::tokenizer
{
namespace
{

class Golden : public testing::TestWithParam<const char*>
{
protected:
    void SetUp() override { ASSERT_GT(m_cases.size(), 150U); }

    std::filesystem::path m_folder = goldenFolder() / GetParam();
    std::unique_ptr<Tokenizer> m_tokenizer = mustLoad(m_folder);
    std::vector<GoldenCase> m_cases = readGoldenCases(m_folder / "cases.json");
};

TEST_P(Golden, IdsEqualTheReference)
{
    for (const GoldenCase& expected : m_cases) {
        EXPECT_EQ(m_tokenizer->encode(expected.text).ids, expected.ids) << quoted(expected.text);
        EXPECT_EQ(m_tokenizer->encode(expected.text, true).ids, expected.idsWithSpecial) << quoted(expected.text);
    }
}

TEST_P(Golden, DecodedTextEqualsTheReference)
{
    for (const GoldenCase& expected : m_cases) {
        if (expected.decoded) {
            EXPECT_EQ(m_tokenizer->decode(expected.idsWithSpecial), *expected.decoded) << quoted(expected.text);
        }
        EXPECT_EQ(m_tokenizer->decode(expected.idsWithSpecial, true), expected.decodedSkip) << quoted(expected.text);
    }
}

TEST_P(Golden, SpansAreInOrderAndInsideTheText)
{
    for (const GoldenCase& expected : m_cases) {
        const Encoding encoding = m_tokenizer->encode(expected.text, true);
        ASSERT_EQ(encoding.offsets.size(), encoding.ids.size());
        std::uint32_t position = 0;
        for (const ByteSpan span : encoding.offsets) {
            EXPECT_LE(position, span.begin) << quoted(expected.text);
            EXPECT_LE(span.begin, span.end) << quoted(expected.text);
            position = span.end;
        }
        EXPECT_LE(position, expected.text.size()) << quoted(expected.text);
    }
}

TEST_P(Golden, EveryPieceLeadsBackToItsId)
{
    for (TokenId id = 0; id < m_tokenizer->size(); ++id) {
        const std::string_view piece = m_tokenizer->piece(id);
        ASSERT_FALSE(piece.empty()) << id;
        EXPECT_EQ(m_tokenizer->idOf(piece), id) << piece;
    }
    EXPECT_TRUE(m_tokenizer->piece(-1).empty());
    EXPECT_TRUE(m_tokenizer->piece(static_cast<TokenId>(m_tokenizer->size())).empty());
    EXPECT_EQ(m_tokenizer->idOf("no such piece"), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, Golden,
                         testing::Values("gpt2", "qwen", "llama3", "added", "llama2", "metaspace", "gemma", "neox",
                                         "smollm", "unknown", "gpt2_vocab_merges", "qwen_vocab_merges", "spm_bpe",
                                         "spm_unigram"),
                         [](const auto& parameter) { return std::string(parameter.param); });

class ByteLevelGolden : public Golden
{
};

TEST_P(ByteLevelGolden, SpansCoverTheTextWithoutOverlap)
{
    for (const GoldenCase& expected : m_cases) {
        std::uint32_t position = 0;
        for (const ByteSpan span : m_tokenizer->encode(expected.text).offsets) {
            EXPECT_EQ(span.begin, position) << quoted(expected.text);
            position = span.end;
        }
        EXPECT_EQ(position, expected.text.size()) << quoted(expected.text);
    }
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, ByteLevelGolden,
                         testing::Values("gpt2", "qwen", "llama3", "added", "neox", "smollm", "gpt2_vocab_merges",
                                         "qwen_vocab_merges"),
                         [](const auto& parameter) { return std::string(parameter.param); });

// Where nothing was rewritten, a token's bytes are the text's bytes at its span.
class PlainByteLevelGolden : public Golden
{
};

TEST_P(PlainByteLevelGolden, SpansHoldTheTokensBytes)
{
    std::size_t checked = 0;
    for (const GoldenCase& expected : m_cases) {
        const Encoding encoding = m_tokenizer->encode(expected.text);
        if (encoding.replacedBytes > 0) {
            continue;
        }
        for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
            if (!m_tokenizer->isSpecial(encoding.ids[i])) {
                const ByteSpan span = encoding.offsets[i];
                EXPECT_EQ(m_tokenizer->bytes(encoding.ids[i]), expected.text.substr(span.begin, span.end - span.begin))
                    << quoted(expected.text);
                ++checked;
            }
        }
    }
    EXPECT_GT(checked, 1000U);
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, PlainByteLevelGolden,
                         testing::Values("gpt2", "llama3", "smollm", "gpt2_vocab_merges"),
                         [](const auto& parameter) { return std::string(parameter.param); });

} // namespace
} // namespace dskd::tokenizer
