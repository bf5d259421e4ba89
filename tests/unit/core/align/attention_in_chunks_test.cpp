#include "core/align/attention_in_chunks.h"

#include "tests/support/fake_tokenizer.h"

#include <gmock/gmock.h>
#include <limits>

namespace dskd::align
{
namespace
{

using config::Alignment;
using config::LossOn;
using test::FakeTokenizer;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::Eq;
using testing::Optional;

constexpr const char* kAnswer = "today is 42!";
constexpr std::int64_t kEnd = 12; // behind the numbers of all tokens: 6 + 4 + 2

class Chunked : public testing::Test
{
protected:
    void read(const std::string& prompt)
    {
        teacher = dataset::makeSample({prompt, {kAnswer}, "", 1}, m_teacher, {});
        student = dataset::makeSample({prompt, {kAnswer}, "", 1}, m_student, {});
        const auto ofTeacher = answerOf(teacher);
        const auto ofStudent = answerOf(student);
        marked = markAnswer({{m_teacher, ofTeacher}, {m_student, ofStudent}, kAnswer}, Alignment::Cma);
    }

    const FakeTokenizer m_teacher{{"</s>", "to", "day", "▁is", "▁4", "2", "!"}, "</s>"};
    const FakeTokenizer m_student{{"<|endoftext|>", "today", "Ġis", "Ġ42", "!"}, "<|endoftext|>"};
    dataset::Sample teacher;
    dataset::Sample student;
    MarkedAnswer marked;
};

TEST_F(Chunked, RowsBelongToTheChunkThatTheyPredict)
{
    read("!");
    const RowChunks chunks = rowChunks(teacher, student, marked, Alignment::Cma, LossOn::Response);
    EXPECT_THAT(chunks.student, ElementsAre(0, 1, 2, 3, kEnd));
    EXPECT_THAT(chunks.teacher, ElementsAre(0, 0, 1, 2, 2, 3, kEnd));
}

TEST_F(Chunked, RowsOfChunkLevelAlignmentsBelongToTheChunkThatTheyRead)
{
    read("!");
    const RowChunks chunks = rowChunks(teacher, student, marked, Alignment::Cla, LossOn::Response);
    EXPECT_THAT(chunks.student, ElementsAre(0, 1, 2, 3, 4));
    EXPECT_THAT(chunks.teacher, ElementsAre(0, 1, 1, 2, 3, 3, 4));
}

TEST_F(Chunked, RowsThatPredictThePromptHaveNoChunk)
{
    read("!!");
    const RowChunks chunks = rowChunks(teacher, student, marked, Alignment::Cma, LossOn::All);
    EXPECT_THAT(chunks.student, ElementsAre(kNoChunk, 0, 1, 2, 3, kEnd));
}

TEST_F(Chunked, WithoutAPromptNothingPredictsTheFirstToken)
{
    read("");
    const RowChunks chunks = rowChunks(teacher, student, marked, Alignment::Cma, LossOn::Response);
    EXPECT_THAT(chunks.student, ElementsAre(1, 2, 3, kEnd));
    EXPECT_THAT(chunks.teacher, ElementsAre(0, 1, 2, 2, 3, kEnd));
}

TEST_F(Chunked, BoxesAreTheChunksOfBothSides)
{
    read("!");
    const RowChunks chunks = rowChunks(teacher, student, marked, Alignment::Cma, LossOn::Response);
    EXPECT_THAT(chunkBoxes(chunks.student, chunks.teacher),
                ElementsAre(ChunkBox{0, 1, 0, 2}, ChunkBox{1, 2, 2, 3}, ChunkBox{2, 3, 3, 5}, ChunkBox{3, 4, 5, 6},
                            ChunkBox{4, 5, 6, 7}));
    const std::span<const std::int64_t> rows(chunks.student);
    const std::span<const std::int64_t> columns(chunks.teacher);
    EXPECT_THAT(chunkBoxes(rows.first(2), columns.first(1)), ElementsAre(ChunkBox{0, 1, 0, 1})) << "a map that is cut";
}

TEST(AttentionInsideChunks, IsTheShareOfARowsMass)
{
    const std::vector<float> values = {0.2F, 0.3F, 0.5F,  //
                                       0.0F, 0.5F, 1.5F,  // sums need not be 1
                                       0.1F, 0.2F, 0.7F}; // no chunk
    const Localisation found =
        attentionInsideChunks(values, std::vector<std::int64_t>{0, 1, kNoChunk}, std::vector<std::int64_t>{0, 0, 1});
    EXPECT_THAT(found.rows, ElementsAre(Optional(testing::DoubleNear(0.5, 1e-6)),
                                        Optional(testing::DoubleNear(0.75, 1e-6)), Eq(std::nullopt)));
    EXPECT_THAT(found.mean(), Optional(testing::DoubleNear(0.625, 1e-6)));
}

TEST(AttentionInsideChunks, IsOneWithinChunksAndNothingWhereThereIsNone)
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> values = {0.0F, 1.0F,  //
                                       0.0F, 0.0F,  // no attention
                                       nan,  1.0F}; // not finite
    const Localisation found =
        attentionInsideChunks(values, std::vector<std::int64_t>{7, 7, 7}, std::vector<std::int64_t>{2, 7});
    EXPECT_THAT(found.rows, ElementsAre(Optional(DoubleEq(1.0)), Eq(std::nullopt), Eq(std::nullopt)));
    const Localisation beyond =
        attentionInsideChunks(std::vector<float>{1.0F}, std::vector<std::int64_t>{3}, std::vector<std::int64_t>{2});
    EXPECT_FALSE(beyond.mean()) << "the chunk lies beyond the map";
}

} // namespace
} // namespace dskd::align
