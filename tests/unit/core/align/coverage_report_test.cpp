#include "core/align/coverage_report.h"

#include "tests/support/fake_tokenizer.h"

#include <gmock/gmock.h>

namespace dskd::align
{
namespace
{

using config::Alignment;
using test::FakeTokenizer;
using testing::ElementsAre;

const FakeTokenizer& teacher()
{
    static const FakeTokenizer kTokenizer({"</s>", "to", "day", "▁is", "▁4", "2", "!", "<0x0A>"}, "</s>");
    return kTokenizer;
}

const FakeTokenizer& student()
{
    static const FakeTokenizer kTokenizer({"<|endoftext|>", "today", "Ġis", "Ġ42", "!", "Ċ"}, "<|endoftext|>");
    return kTokenizer;
}

dataset::Record record(const std::string& answer, const std::string& prompt = "", std::int64_t line = 1)
{
    return {prompt, {answer}, "", line};
}

CoverageReport measure(const std::vector<dataset::Record>& records, CoverageOptions options)
{
    return measureCoverage(records, teacher(), student(), options);
}

CoverageReport measureWhole(const std::vector<dataset::Record>& records, Alignment alignment)
{
    CoverageOptions options;
    options.alignment = alignment;
    options.wholeAnswers = true;
    return measure(records, options);
}

// Student tokens: today| is| 42|!|eos; is| is|eos; today|eos. Of the first and last the teacher has to|day.
const std::vector<dataset::Record>& answers()
{
    static const std::vector<dataset::Record> kRecords = {record("today is 42!", "", 3), record(" is is", "", 5),
                                                          record("today", "", 9)};
    return kRecords;
}

TEST(ShareOf, IsZeroOfNothing)
{
    EXPECT_EQ(shareOf(3, 4), 0.75);
    EXPECT_EQ(shareOf(0, 4), 0.0);
    EXPECT_EQ(shareOf(0, 0), 0.0);
}

TEST(CoverageReport, CountsTokensOverAllAndPerSampleWorstFirst)
{
    const CoverageReport report = measureWhole(answers(), Alignment::Eta);
    EXPECT_EQ(report.coverage.alignedTokens(), 7);
    EXPECT_EQ(report.coverage.studentTokens(), 10);
    EXPECT_EQ(report.coverage.min(), 0.5);
    EXPECT_EQ(report.teacherTokens, 7 + 3 + 3);
    ASSERT_EQ(report.samples.size(), 3U);
    EXPECT_EQ(report.samples[0].sample, 2);
    EXPECT_EQ(report.samples[0].line, 9);
    EXPECT_EQ(report.samples[0].share(), 0.5);
    EXPECT_EQ(report.samples[1].sample, 0);
    EXPECT_EQ(report.samples[1].exact, 3);
    EXPECT_EQ(report.samples[1].inChunk, 2);
    EXPECT_EQ(report.samples[1].unaligned, 0);
    EXPECT_EQ(report.samples[2].share(), 1.0);
    EXPECT_EQ(report.exact(), 7);
    EXPECT_EQ(report.inChunk(), 3);
}

TEST(CoverageReport, CountsTheRowsOfChunksWhereTheAlignmentComparesThem)
{
    EXPECT_EQ(measureWhole(answers(), Alignment::Cla).coverage.alignedTokens(), 10);
    EXPECT_EQ(measureWhole(answers(), Alignment::Clp).coverage.alignedTokens(), 10);
    EXPECT_EQ(measureWhole(answers(), Alignment::Cma).coverage.alignedTokens(), 7);
}

TEST(CoverageReport, RanksTokensWithoutAPartnerByFrequencyAndClass)
{
    const CoverageReport report = measureWhole(answers(), Alignment::Eta);
    ASSERT_EQ(report.uncovered.size(), 2U);
    EXPECT_EQ(report.uncovered[0].text, "today");
    EXPECT_EQ(report.uncovered[0].count, 2);
    EXPECT_EQ(report.uncovered[0].tokenClass, TokenClass::RareWord);
    EXPECT_EQ(report.uncovered[0].sample, 0);
    EXPECT_EQ(report.uncovered[1].text, " 42");
    EXPECT_EQ(report.uncovered[1].count, 1);
    EXPECT_EQ(report.uncovered[1].tokenClass, TokenClass::Number);
    EXPECT_TRUE(measureWhole(answers(), Alignment::Clp).uncovered.empty());
}

TEST(CoverageReport, SaysWhatTheOtherRuleReaches)
{
    const std::vector<dataset::Record> records = {record("!\n! is")}; // published, nothing aligns behind the line end
    const CoverageReport ours = measureWhole(records, Alignment::Eta);
    const CoverageReport published = measureWhole(records, Alignment::EtaPublished);
    EXPECT_EQ(ours.coverage.alignedTokens(), 5);
    ASSERT_TRUE(ours.other);
    EXPECT_EQ(ours.other->alignment, Alignment::EtaPublished);
    EXPECT_EQ(ours.other->coverage.alignedTokens(), 1);
    EXPECT_EQ(published.coverage.alignedTokens(), 1);
    ASSERT_TRUE(published.other);
    EXPECT_EQ(published.other->coverage.alignedTokens(), 5);
    EXPECT_FALSE(measureWhole(records, Alignment::Cma).other);
}

TEST(CoverageReport, OfExactPairsOnlyCountsTheSamePairsAndNothingBesides)
{
    const CoverageReport whole = measureWhole(answers(), Alignment::Eta);
    const CoverageReport report = measure(answers(), exactPairsOnly(nullptr));
    EXPECT_EQ(report.alignment, Alignment::Eta);
    EXPECT_EQ(report.coverage.alignedTokens(), whole.coverage.alignedTokens());
    EXPECT_EQ(report.coverage.studentTokens(), whole.coverage.studentTokens());
    EXPECT_EQ(report.coverage.histogram(), whole.coverage.histogram());
    ASSERT_EQ(report.samples.size(), whole.samples.size());
    EXPECT_EQ(report.samples.front().line, whole.samples.front().line);
    EXPECT_FALSE(report.other);
    EXPECT_TRUE(report.uncovered.empty());
}

TEST(CoverageReport, SeesWhatTheCutLeaves)
{
    CoverageOptions options;
    options.data.maxLength = 3; // to|day, to for the teacher; today, today| is for the student
    const CoverageReport report = measure({record("today is 42!", "today")}, options);
    ASSERT_EQ(report.samples.size(), 1U);
    EXPECT_EQ(report.samples[0].studentTokens, 2);
    EXPECT_EQ(report.samples[0].unaligned, 2);
    EXPECT_EQ(report.cutAnswers, 1);
    EXPECT_EQ(report.cutPrompts, 0);
}

TEST(CoverageReport, NumbersSamplesAsTrainingDoes)
{
    CoverageOptions options;
    options.data.maxLength = 2; // the teacher's prompt fills the first sample
    const CoverageReport report = measure({record("today", "today"), record("today is")}, options);
    EXPECT_EQ(report.unscored, 1);
    ASSERT_EQ(report.samples.size(), 1U);
    EXPECT_EQ(report.samples[0].sample, 0);
    EXPECT_EQ(report.samples[0].record, 1);
}

TEST(CoverageReport, OfNothingIsEmpty)
{
    const CoverageReport report = measureWhole({}, Alignment::Eta);
    EXPECT_EQ(report.coverage.samples(), 0);
    EXPECT_TRUE(report.samples.empty());
    EXPECT_TRUE(report.uncovered.empty());
}

} // namespace
} // namespace dskd::align
