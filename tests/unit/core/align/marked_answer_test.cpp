#include "core/align/marked_answer.h"

#include "tests/support/fake_tokenizer.h"

#include <gmock/gmock.h>

namespace dskd::align
{
namespace
{

using config::Alignment;
using test::FakeTokenizer;
using testing::ElementsAre;

// "today is 42!" is to|day| is| 4|2|! for the teacher and today| is| 42|! for the student, then the eos.
constexpr const char* kAnswer = "today is 42!";

const FakeTokenizer& teacher()
{
    static const FakeTokenizer kTokenizer({"</s>", "to", "day", "▁is", "▁4", "2", "!"}, "</s>");
    return kTokenizer;
}

const FakeTokenizer& student()
{
    static const FakeTokenizer kTokenizer({"<|endoftext|>", "today", "Ġis", "Ġ42", "!"}, "<|endoftext|>");
    return kTokenizer;
}

MarkedAnswer mark(const std::string& text, Alignment alignment, const FakeTokenizer& t = teacher(),
                  const FakeTokenizer& s = student())
{
    const auto ofTeacher = encodeResponse(t, text);
    const auto ofStudent = encodeResponse(s, text);
    return markAnswer({{t, ofTeacher}, {s, ofStudent}, text}, alignment);
}

std::vector<Mark> marks(const std::vector<MarkedToken>& tokens)
{
    std::vector<Mark> result;
    for (const MarkedToken& token : tokens) {
        result.push_back(token.mark);
    }
    return result;
}

TEST(MarkedAnswer, TellsExactPartnersFromChunks)
{
    for (const Alignment alignment : {Alignment::Eta, Alignment::EtaPublished, Alignment::Cma, Alignment::Cla}) {
        const MarkedAnswer marked = mark(kAnswer, alignment);
        EXPECT_THAT(marks(marked.student),
                    ElementsAre(Mark::Chunk, Mark::Exact, Mark::Chunk, Mark::Exact, Mark::Exact));
        EXPECT_THAT(marks(marked.teacher), ElementsAre(Mark::Chunk, Mark::Chunk, Mark::Exact, Mark::Chunk, Mark::Chunk,
                                                       Mark::Exact, Mark::Exact));
        EXPECT_EQ(marked.student[0].partnerBegin, 0);
        EXPECT_EQ(marked.student[0].partnerEnd, 2) << "to, day";
        EXPECT_EQ(marked.teacher[1].partnerBegin, 0);
        EXPECT_EQ(marked.teacher[1].partnerEnd, 1) << "today";
        EXPECT_EQ(marked.student[1].partnerBegin, 2);
        EXPECT_EQ(marked.student[1].partnerEnd, 3);
        EXPECT_EQ(marked.student[4].partnerBegin, 6) << "the end belongs to the end";
        EXPECT_EQ(marked.student[2].span, (tokenizer::ByteSpan{8, 11}));
        EXPECT_EQ(marked.student[2].chunk, marked.teacher[3].chunk);
        EXPECT_EQ(marked.student[2].chunk, marked.teacher[4].chunk);
        EXPECT_NE(marked.student[2].chunk, marked.teacher[5].chunk);
    }
}

TEST(MarkedAnswer, OfSpacesAloneIsAPartnerByTextAndNoneForEta)
{
    const FakeTokenizer t({"</s>", "▁", "The", "▁cat"}, "</s>");
    const FakeTokenizer s({"<|endoftext|>", "Ġ", "The", "Ġcat"}, "<|endoftext|>");
    const auto all = [&](Alignment alignment) { return marks(mark(" The cat", alignment, t, s).student); };
    EXPECT_THAT(all(Alignment::Eta), ElementsAre(Mark::Unaligned, Mark::Exact, Mark::Exact, Mark::Exact));
    EXPECT_THAT(all(Alignment::Clp), ElementsAre(Mark::Exact, Mark::Exact, Mark::Exact, Mark::Exact));
}

TEST(MarkedAnswer, FollowsThePublishedRuleWhereItLosesItsPlace)
{
    const FakeTokenizer t({"</s>", "Hi", "<0x0A>", "the"}, "</s>");
    const FakeTokenizer s({"<|endoftext|>", "Hi", "Ċ", "the"}, "<|endoftext|>");
    const auto all = [&](Alignment alignment) { return marks(mark("Hi\nthe", alignment, t, s).student); };
    EXPECT_THAT(all(Alignment::Eta), ElementsAre(Mark::Exact, Mark::Exact, Mark::Exact, Mark::Exact));
    EXPECT_THAT(all(Alignment::EtaPublished),
                ElementsAre(Mark::Exact, Mark::Unaligned, Mark::Unaligned, Mark::Unaligned));
}

TEST(MarkedAnswer, LeavesWhatOnlyOneSideHasUnaligned)
{
    auto ofTeacher = encodeResponse(teacher(), kAnswer);
    const auto ofStudent = encodeResponse(student(), kAnswer);
    ofTeacher.ids.resize(3); // to, day, is: cut
    ofTeacher.offsets.resize(3);
    const MarkedAnswer marked = markAnswer({{teacher(), ofTeacher}, {student(), ofStudent}, kAnswer}, Alignment::Clp);
    EXPECT_THAT(marks(marked.student),
                ElementsAre(Mark::Chunk, Mark::Exact, Mark::Unaligned, Mark::Unaligned, Mark::Unaligned));
    EXPECT_EQ(marked.student[3].chunk, kNoChunk);
    EXPECT_EQ(marked.student[3].partnerBegin, marked.student[3].partnerEnd);
}

TEST(MarkedAnswer, OfMinimumEditsIsOfTheTokensThatRowsRead)
{
    const dataset::Sample sample = dataset::makeSample({"!", {"today is"}, "", 1}, student(), {});
    const auto edits = MinimumEdits::find(student(), student(), SpellingRule::Text, {});
    ASSERT_TRUE(edits);
    const tokenizer::Encoding answer = answerOf(sample);
    const MarkedAnswer marked =
        markAnswer({{student(), answer}, {student(), answer}, "today is", sample.inputs(), sample.inputs()},
                   Alignment::MinEd, &*edits);
    ASSERT_EQ(marked.student.size(), 3U) << "the prompt's last token, today, is";
    EXPECT_THAT(marks(marked.student), ElementsAre(Mark::Exact, Mark::Exact, Mark::Exact));
    EXPECT_EQ(tokenLabel(student(), marked.student[0].id), "!");
    EXPECT_EQ(marked.student[0].span, tokenizer::ByteSpan{});
    EXPECT_EQ(marked.student[2].span, (tokenizer::ByteSpan{5, 8}));
}

TEST(MarkedAnswer, CountsChunksOnlyWhereTheAlignmentWorksOnThem)
{
    EXPECT_TRUE(isCovered(config::rowOf(Alignment::Cla), Mark::Chunk));
    EXPECT_TRUE(isCovered(config::rowOf(Alignment::Clp), Mark::Chunk));
    EXPECT_FALSE(isCovered(config::rowOf(Alignment::Eta), Mark::Chunk));
    EXPECT_FALSE(isCovered(config::rowOf(Alignment::Cma), Mark::Chunk));
    EXPECT_TRUE(isCovered(config::rowOf(Alignment::MinEd), Mark::Exact));
    EXPECT_FALSE(isCovered(config::rowOf(Alignment::Cla), Mark::Unaligned));
}

TEST(TokenLabel, IsTheTextOrTheSpellingOfWhatHasNone)
{
    EXPECT_EQ(tokenLabel(student(), 2), " is");
    EXPECT_EQ(tokenLabel(student(), 0), "<|endoftext|>");
}

} // namespace
} // namespace dskd::align
