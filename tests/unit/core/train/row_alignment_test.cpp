#include "core/train/data/row_alignment.h"

#include "core/dataset/record.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/support/paths.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

namespace dskd::train
{
namespace
{

using config::Alignment;

// The demo's two tokenizers on one text.
class RowAlignmentTest : public testing::Test
{
protected:
    static std::unique_ptr<tokenizer::Tokenizer> load(const char* folder)
    {
        return tokenizer::loadTokenizer(test::sourceDir() + "/resources/demo/" + folder).value();
    }
    [[nodiscard]] dataset::Sample sample(const tokenizer::Tokenizer& tokenizer, const std::string& prompt,
                                         std::int64_t longest = 64, config::Side cut = config::Side::Left) const
    {
        dataset::Record record;
        record.prompt = prompt;
        record.responses = {answer};
        config::DataConfig data;
        data.maxPromptLength = 8;
        data.maxLength = longest;
        data.truncatePrompt = cut;
        return dataset::makeSample(record, tokenizer, data);
    }
    [[nodiscard]] RowAlignment aligned(Alignment alignment, const dataset::Sample& t, const dataset::Sample& s) const
    {
        return alignRows({*teacher, t}, {*student, s}, answer, alignment);
    }

    std::string answer = "The caf\xc3\xa9 in M\xc3\xbcnchen\nopens at 7 o'clock, every day.";
    std::unique_ptr<tokenizer::Tokenizer> teacher = load("teacher");
    std::unique_ptr<tokenizer::Tokenizer> student = load("student-llama");
};

TEST_F(RowAlignmentTest, ExactPartnersAreThoseOfEtaAndWithinOneTokenizerThoseOfTheSamePlace)
{
    const dataset::Sample t = sample(*teacher, "Where?");
    const dataset::Sample s = sample(*student, "Where?");
    const auto byEta = aligned(Alignment::Eta, t, s).pairs;
    ASSERT_GT(byEta.size(), 5U);
    EXPECT_EQ(exactPartners({*teacher, t}, {*student, s}, answer), byEta);
    const auto byPlace = aligned(Alignment::Position, s, s).pairs;
    ASSERT_EQ(static_cast<std::int64_t>(byPlace.size()), s.rows());
    EXPECT_EQ(exactPartners({*student, s}, {*student, s}, answer), byPlace);
}

std::string textOf(const tokenizer::Tokenizer& tokenizer, const dataset::Sample& sample, std::int64_t row)
{
    const std::int64_t at = sample.firstRow() + 1 + row; // the token that the row predicts
    std::string text = tokenizer.bytes(sample.ids[static_cast<std::size_t>(at)]);
    text.erase(0, text.find_first_not_of(' ') == std::string::npos ? text.size() : text.find_first_not_of(' '));
    return text;
}

// Which rows have a partner in their chunk.
std::vector<std::pair<std::size_t, std::size_t>> partners(const RowAlignment& alignment)
{
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t i = 0; i < alignment.studentChunks.size(); ++i) {
        for (std::size_t j = 0; j < alignment.teacherChunks.size(); ++j) {
            if (alignment.studentChunks[i] == alignment.teacherChunks[j]) {
                pairs.emplace_back(i, j);
            }
        }
    }
    return pairs;
}

TEST_F(RowAlignmentTest, PublishedChunksAreOursWhereNothingIsCutAndEveryTokenIsWholeCharacters)
{
    answer = "Every day at seven o'clock the doors of the house open.";
    const dataset::Sample t = sample(*teacher, "Hi");
    const dataset::Sample s = sample(*student, "Hi");
    const RowAlignment ours = aligned(Alignment::Cla, t, s);
    RowAlignment published = ours;
    chunkAsPublished({t, "Hi"}, {s, "Hi"}, answer, 64, published);
    ASSERT_GT(partners(ours).size(), 5U);
    EXPECT_EQ(partners(published), partners(ours));
    EXPECT_EQ(published.teacherChunks.size() + published.teacherOutsideChunks.size(), 64U);
    EXPECT_EQ(published.studentChunks.size() + published.studentOutsideChunks.size(), 64U);
}

TEST_F(RowAlignmentTest, PublishedChunksLoseTheirPlaceBehindAPromptThatWasCutAtItsEnd)
{
    answer = "Every day at seven o'clock the doors of the house open.";
    // eight tokens end within its first characters, on one side behind a lone space mark
    const std::string prompt = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e: what does it mean, and is it written so?";
    for (const config::Side cut : {config::Side::Right, config::Side::Left}) {
        const dataset::Sample t = sample(*teacher, prompt, 64, cut);
        const dataset::Sample s = sample(*student, prompt, 64, cut);
        ASSERT_EQ(t.promptOffsets.size(), 8U);
        ASSERT_EQ(s.promptOffsets.size(), 8U);
        const RowAlignment ours = aligned(Alignment::Cla, t, s);
        RowAlignment published = ours;
        chunkAsPublished({t, prompt}, {s, prompt}, answer, 64, published);
        // cut on the left, both prompts still end at one place and meet again
        EXPECT_EQ(partners(published) == partners(ours), cut == config::Side::Left);
    }
}

TEST_F(RowAlignmentTest, EtaPairsRowsThatPredictTheSameText)
{
    for (const char* prompt : {"### Response:\n", ""}) { // without a prompt nothing predicts the first token
        const dataset::Sample t = sample(*teacher, prompt);
        const dataset::Sample s = sample(*student, prompt);
        const RowAlignment alignment = aligned(Alignment::Eta, t, s);
        ASSERT_GT(alignment.pairs.size(), 5U);
        for (const align::TokenPair& pair : alignment.pairs) {
            EXPECT_EQ(textOf(*teacher, t, pair.teacherRow), textOf(*student, s, pair.studentRow));
        }
        EXPECT_EQ(alignment.pairs.back().teacherRow, t.rows() - 1) << "both predict the end";
        EXPECT_EQ(alignment.pairs.back().studentRow, s.rows() - 1);
    }
}

TEST_F(RowAlignmentTest, EtaKnowsWhereOneSideWasCut)
{
    const dataset::Sample t = sample(*teacher, "Q: ");
    const dataset::Sample s = sample(*student, "Q: ", 9);
    ASSERT_LT(s.rows(), t.rows());
    const auto pairs = aligned(Alignment::Eta, t, s).pairs;
    ASSERT_FALSE(pairs.empty());
    for (const align::TokenPair& pair : pairs) {
        EXPECT_LT(pair.studentRow, s.rows());
        EXPECT_LT(pair.teacherRow, t.rows());
    }
}

TEST_F(RowAlignmentTest, PositionsPairTheShorterSide)
{
    const dataset::Sample t = sample(*teacher, "Q: ");
    const dataset::Sample s = sample(*student, "Q: ", 9);
    const RowAlignment alignment = aligned(Alignment::Position, t, s);
    ASSERT_EQ(static_cast<std::int64_t>(alignment.pairs.size()), s.rows());
    EXPECT_EQ(alignment.pairs[3], (align::TokenPair{3, 3}));
}

TEST_F(RowAlignmentTest, ChunksNumberEveryRowWhateverBecameOfThePrompt)
{
    const std::string longPrompt = "A prompt that is much longer than the eight tokens that it may have here.\n";
    const auto chunks = [&](const std::string& prompt) {
        return aligned(Alignment::Cla, sample(*teacher, prompt), sample(*student, prompt));
    };
    const RowAlignment cut = chunks(longPrompt);
    EXPECT_EQ(static_cast<std::int64_t>(cut.teacherChunks.size()), sample(*teacher, longPrompt).rows());
    EXPECT_EQ(static_cast<std::int64_t>(cut.studentChunks.size()), sample(*student, longPrompt).rows());
    EXPECT_EQ(cut.teacherChunks.front(), cut.studentChunks.front()) << "both read the prompt's end";
    EXPECT_NE(cut.teacherChunks[1], cut.teacherChunks[0]);
    EXPECT_EQ(cut.teacherChunks.back(), cut.studentChunks.back()) << "both read the answer's last token";
    EXPECT_EQ(cut.teacherChunks, chunks("Short: ").teacherChunks) << "only the answer counts";
    EXPECT_EQ(static_cast<std::int64_t>(chunks("").teacherChunks.size()), sample(*teacher, "").rows());
}

TEST(SetAlignment, CountsRowsOverTheMicroBatch)
{
    RowAlignment first;
    first.pairs = {{0, 1}, {2, 2}};
    RowAlignment second;
    second.pairs = {{1, 0}};
    batch::StepRows rows;
    rows.student.rowsPerSample = {4, 2};
    rows.teacher.rowsPerSample = {3, 5};
    setAlignment(rows, {&first, &second}, Alignment::Eta, at::kCPU);
    EXPECT_TRUE(rows.pairs.student.equal(at::tensor({1, 2, 4}, at::kLong)));
    EXPECT_TRUE(rows.pairs.teacher.equal(at::tensor({0, 2, 4}, at::kLong)));
    EXPECT_FALSE(rows.student.chunks.defined());
    first = {{}, {-1, 0, 0}, {-1, 0, 1, 1}, {}, {}};
    second = {{}, {-1, 0, 1, 2, 3}, {-1, 4}, {}, {}};
    batch::StepRows chunked;
    chunked.student.rowsPerSample = {4, 2};
    chunked.teacher.rowsPerSample = {3, 5};
    setAlignment(chunked, {&first, &second}, Alignment::Clp, at::kCPU);
    EXPECT_TRUE(chunked.student.chunks.equal(at::tensor({-1, 0, 1, 1, -1, 4}, at::kLong)));
    EXPECT_EQ(chunked.teacher.chunks.size(0), 8);
    EXPECT_EQ(chunked.pairs.student.size(0), 0) << "soft alignments pair rows of the student's own answers only";
}

} // namespace
} // namespace dskd::train
