#include "core/align/vocabulary.h"

#include "core/align/coverage.h"
#include "tests/support/fake_tokenizer.h"

#include <gtest/gtest.h>
#include <numeric>

namespace dskd::align
{
namespace
{
using test::FakeTokenizer;

TEST(VocabularyComparison, CallsIdenticalTokenToIdMapsTheSame)
{
    const FakeTokenizer one({"<|endoftext|>", "a", "Ġb"}, "<|endoftext|>");
    const VocabularyComparison comparison = compareVocabularies(one, one);
    EXPECT_TRUE(comparison.same);
    EXPECT_EQ(comparison.overlap, 3);
    EXPECT_EQ(comparison.studentFromTeacher, (std::vector<tokenizer::TokenId>{0, 1, 2}));
}

TEST(VocabularyComparison, IsNotTheSameWhenTokensMoveOrAreAdded)
{
    const FakeTokenizer one({"<|endoftext|>", "a", "Ġb"}, "<|endoftext|>");
    const FakeTokenizer moved({"<|endoftext|>", "Ġb", "a"}, "<|endoftext|>");
    const FakeTokenizer longer({"<|endoftext|>", "a", "Ġb", "c"}, "<|endoftext|>");
    EXPECT_FALSE(compareVocabularies(one, moved).same);
    EXPECT_FALSE(compareVocabularies(one, longer).same);
    EXPECT_EQ(compareVocabularies(one, moved).studentFromTeacher, (std::vector<tokenizer::TokenId>{0, 2, 1}));
}

TEST(VocabularyComparison, IsTheSameWhereOnlyTheEndOfAnAnswerDiffers)
{
    const FakeTokenizer base({"<|endoftext|>", "<|im_end|>", "a"}, "<|endoftext|>");
    const FakeTokenizer chat({"<|endoftext|>", "<|im_end|>", "a"}, "<|im_end|>");
    EXPECT_TRUE(sameVocabulary(chat, base));
}

TEST(PublishedVocabularies, LookUpExactSpellingsAndFallBackToTheUnknownToken)
{
    const FakeTokenizer teacher({"<unk>", "</s>", "▁like", "A", "only"}, "</s>");
    const FakeTokenizer gpt2({"A", "Ġlike", "<|endoftext|>"}, "<|endoftext|>", "<|endoftext|>");
    const PublishedVocabularies maps = publishedVocabularies(teacher, gpt2);
    EXPECT_EQ(maps.studentFromTeacher, (std::vector<tokenizer::TokenId>{2, 2, 2, 0, 2}));
    EXPECT_EQ(maps.commonStudent, (std::vector<tokenizer::TokenId>{0, 1})); // without eos
    EXPECT_EQ(maps.commonTeacher, (std::vector<tokenizer::TokenId>{3, 2}));
    const FakeTokenizer qwen({"A", "Ġlike", "<|endoftext|>"}, "<|endoftext|>"); // has no unknown token
    EXPECT_EQ(publishedVocabularies(teacher, qwen).studentFromTeacher,
              (std::vector<tokenizer::TokenId>{-1, 2, -1, 0, -1}));
}

TEST(VocabularyComparison, MatchesSpaceMarksAndPairsSpecialTokens)
{
    const FakeTokenizer teacher({"<unk>", "<s>", "</s>", "▁like", "A", "▁▁", "only", ""}, "</s>");
    const FakeTokenizer student({"A", "Ġlike", "ĠĠ", "<|endoftext|>", "like"}, "<|endoftext|>");
    const VocabularyComparison comparison = compareVocabularies(teacher, student);
    EXPECT_EQ(comparison.studentFromTeacher, (std::vector<tokenizer::TokenId>{-1, -1, 3, 1, 0, 2, -1, -1}));
    EXPECT_EQ(comparison.overlap, 4);
    EXPECT_EQ(comparison.teacherSize, 8);
    EXPECT_EQ(comparison.studentSize, 5);
}

TEST(CoverageStatistics, CountsEverySampleOnceAndPutsFullCoverageInTheLastBin)
{
    CoverageStatistics coverage;
    coverage.add(10, 10);
    coverage.add(1, 20); // exactly the border between the first two bins
    coverage.add(0, 5);
    coverage.add(3, 0); // no student tokens: left out
    EXPECT_EQ(coverage.samples(), 3);
    EXPECT_EQ(coverage.studentTokens(), 35);
    EXPECT_EQ(coverage.alignedTokens(), 11);
    EXPECT_DOUBLE_EQ(coverage.mean(), (1.0 + 0.05 + 0.0) / 3);
    EXPECT_DOUBLE_EQ(coverage.min(), 0.0);
    EXPECT_DOUBLE_EQ(coverage.max(), 1.0);
    EXPECT_EQ(coverage.histogram()[19], 1);
    EXPECT_EQ(coverage.histogram()[1], 1);
    EXPECT_EQ(coverage.histogram()[0], 1);
    EXPECT_EQ(std::accumulate(coverage.histogram().begin(), coverage.histogram().end(), std::int64_t{0}), 3);
}

TEST(CoverageStatistics, IsZeroWithoutSamples)
{
    const CoverageStatistics coverage;
    EXPECT_EQ(coverage.mean(), 0.0);
    EXPECT_EQ(coverage.min(), 0.0);
    EXPECT_EQ(coverage.max(), 0.0);
}

} // namespace
} // namespace dskd::align
