#include "core/dataset/sample.h"

#include "core/dataset/statistics.h"
#include "tests/support/fake_tokenizer.h"

#include <gtest/gtest.h>
#include <utility>

namespace dskd::dataset
{
namespace
{
using test::FakeTokenizer;
using tokenizer::ByteSpan;
using tokenizer::TokenId;

// a to f are the ids 1 to 6; the eos is 0.
const FakeTokenizer& letters()
{
    static const FakeTokenizer kTokenizer({"</s>", "a", "b", "c", "d", "e", "f"}, "</s>");
    return kTokenizer;
}

Sample sampleOf(const std::string& prompt, const std::string& response, const config::DataConfig& config = {})
{
    return makeSample({prompt, {response, "f"}, "", 1}, letters(), config);
}

TEST(Sample, IsPromptThenFirstResponseThenEos)
{
    const Sample sample = sampleOf("abc", "de");
    EXPECT_EQ(sample.ids, (std::vector<TokenId>{1, 2, 3, 4, 5, 0}));
    EXPECT_EQ(sample.promptLength, 3);
    EXPECT_TRUE(sample.endsWithEos);
    EXPECT_EQ(sample.responseOffsets, (std::vector<ByteSpan>{{0, 1}, {1, 2}, {2, 2}}));
    EXPECT_EQ(sample.firstRow(), 2);
    EXPECT_EQ(sample.rows(), 3);
}

TEST(Sample, LearnsNoEndOfAnAnswerThatWasCut)
{
    Record record{"abc", {"de"}, "", 1};
    record.ended = false;
    const Sample sample = makeSample(record, letters(), {});
    EXPECT_EQ(sample.ids, (std::vector<TokenId>{1, 2, 3, 4, 5}));
    EXPECT_FALSE(sample.endsWithEos);
    EXPECT_EQ(sample.responseOffsets, (std::vector<ByteSpan>{{0, 1}, {1, 2}}));
    EXPECT_EQ(sample.rows(), 2);
}

TEST(Sample, CutsTheConfiguredSideOfAPrompt)
{
    config::DataConfig config;
    config.maxPromptLength = 2;
    config.truncatePrompt = config::Side::Left;
    EXPECT_EQ(sampleOf("abc", "d", config).ids, (std::vector<TokenId>{2, 3, 4, 0}));
    config.truncatePrompt = config::Side::Right;
    EXPECT_EQ(sampleOf("abc", "d", config).ids, (std::vector<TokenId>{1, 2, 4, 0}));
}

TEST(Sample, LosesItsEosWhenTheWholeIsTooLong)
{
    config::DataConfig config;
    config.maxLength = 4;
    const Sample sample = sampleOf("ab", "cde", config);
    EXPECT_EQ(sample.ids, (std::vector<TokenId>{1, 2, 3, 4}));
    EXPECT_FALSE(sample.endsWithEos);
    EXPECT_EQ(sample.responseOffsets, (std::vector<ByteSpan>{{0, 1}, {1, 2}}));
    EXPECT_EQ(sample.rows(), 2);
    config.maxLength = 6;
    EXPECT_TRUE(sampleOf("ab", "cde", config).endsWithEos);
    config.maxLength = 5;
    EXPECT_FALSE(sampleOf("ab", "cde", config).endsWithEos);
}

TEST(Sample, TellsWhatWasCut)
{
    config::DataConfig config;
    config.maxPromptLength = 2;
    config.maxLength = 4;
    const auto cuts = [&](const std::string& prompt, const std::string& response) {
        const Sample sample = sampleOf(prompt, response, config);
        return std::pair(sample.promptCut, sample.responseCut);
    };
    EXPECT_EQ(cuts("ab", "c"), std::pair(false, false)); // with the eos exactly as long as it may be
    EXPECT_EQ(cuts("ab", "cd"), std::pair(false, true)) << "the eos is gone";
    EXPECT_EQ(cuts("abc", "d"), std::pair(true, false));
    EXPECT_EQ(cuts("abc", "def"), std::pair(true, true));
    Record unfinished{"ab", {"cd"}, "", 1};
    unfinished.ended = false;
    EXPECT_FALSE(makeSample(unfinished, letters(), config).responseCut) << "no eos was there to be cut";
}

TEST(Sample, OfAnEmptyPromptScoresAllButTheFirstResponseToken)
{
    const Sample sample = sampleOf("", "abc");
    EXPECT_EQ(sample.promptLength, 0);
    EXPECT_EQ(sample.firstRow(), 0);
    EXPECT_EQ(sample.rows(), 3); // b, c and the eos
}

TEST(Sample, HasNoRowsWhenThePromptFillsEverything)
{
    config::DataConfig config;
    config.maxLength = 2;
    EXPECT_EQ(sampleOf("abc", "d", config).rows(), 0);
    EXPECT_EQ(sampleOf("abc", "d", config).ids, (std::vector<TokenId>{2, 3}));
    config.maxLength = 0;
    EXPECT_EQ(sampleOf("abc", "d", config).rows(), 0);
    EXPECT_TRUE(sampleOf("abc", "d", config).ids.empty());
}

TEST(Sample, NeedsNoEosToken)
{
    const FakeTokenizer without({"a", "b"}, "</s>");
    const Sample sample = makeSample({"a", {"b"}, "", 1}, without, {});
    EXPECT_EQ(sample.ids, (std::vector<TokenId>{0, 1}));
    EXPECT_FALSE(sample.endsWithEos);
}

TEST(LengthSummary, GivesMeanMedianPercentileAndMaximum)
{
    std::vector<std::int64_t> lengths;
    for (std::int64_t i = 100; i >= 1; --i) {
        lengths.push_back(i);
    }
    const LengthSummary summary = summarise(lengths);
    EXPECT_DOUBLE_EQ(summary.mean, 50.5);
    EXPECT_DOUBLE_EQ(summary.median, 50.5);
    EXPECT_EQ(summary.p95, 95);
    EXPECT_EQ(summary.max, 100);
    EXPECT_EQ(summarise({7}).p95, 7);
    EXPECT_EQ(summarise({}).max, 0);
}

TEST(DataStatistics, CountsLengthsBeforeTheCutAndWhatIsCut)
{
    config::DataConfig config;
    config.maxPromptLength = 3;
    config.maxLength = 6;
    const std::vector<Record> records = {
        {"ab", {"abc"}, "", 1},   // 2 + 4: fits exactly
        {"abcd", {"ab"}, "", 2},  // prompt cut to 3, then 3 + 3
        {"abc", {"abcd"}, "", 3}, // 3 + 5: response cut
    };
    const DataStatistics statistics = measureLengths(records, letters(), config);
    EXPECT_EQ(statistics.samples, 3);
    EXPECT_EQ(statistics.promptTokens, 9);
    EXPECT_EQ(statistics.responseTokens, 12);
    EXPECT_EQ(statistics.prompt.max, 4);
    EXPECT_DOUBLE_EQ(statistics.response.mean, 4.0);
    EXPECT_DOUBLE_EQ(statistics.promptTruncatedShare, 1.0 / 3);
    EXPECT_DOUBLE_EQ(statistics.responseTruncatedShare, 1.0 / 3);
    EXPECT_EQ(measureLengths({}, letters(), config).samples, 0);
}

} // namespace
} // namespace dskd::dataset
