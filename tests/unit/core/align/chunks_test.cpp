#include "core/align/chunks.h"

#include <gmock/gmock.h>

namespace dskd::align
{
namespace
{

using testing::ElementsAre;

Chunks chunksOf(const std::vector<std::uint32_t>& teacher, const std::vector<std::uint32_t>& student)
{
    return commonChunks(teacher, student);
}

// The published example, prompt and answer each for itself.
TEST(CommonChunks, AreThePublishedOnes)
{
    const Chunks prompt = chunksOf({5, 9}, {2, 5, 9});
    EXPECT_THAT(prompt.student, ElementsAre(0, 0, 1));
    EXPECT_THAT(prompt.teacher, ElementsAre(0, 1));
    const Chunks answer = chunksOf({1, 3, 8}, {3, 7, 8});
    EXPECT_THAT(answer.student, ElementsAre(0, 1, 1));
    EXPECT_THAT(answer.teacher, ElementsAre(0, 0, 1));
}

Chunks publishedOf(const std::vector<std::int64_t>& teacher, const std::vector<std::int64_t>& student)
{
    return publishedChunks(teacher, student);
}

TEST(PublishedChunks, WalkThroughPromptAnswerAndPadding)
{
    const Chunks chunks = publishedOf({5, 9, 1, 3, 8, -1, -1, -1}, {2, 5, 9, 3, 7, 8, -1, -1});
    EXPECT_THAT(chunks.student, ElementsAre(0, 0, 1, 2, 3, 3, 4, 5));
    EXPECT_THAT(chunks.teacher, ElementsAre(0, 1, 2, 2, 3, 4, 5, -1)); // the student's side is used up
}

TEST(PublishedChunks, LoseTheirPlaceBehindAPromptThatWasCut)
{
    // the answer's 2 and 4 are taken for the end of the teacher's prompt, and padding for the teacher's answer
    const Chunks chunks = publishedOf({3, 6, 2, 4, -1}, {3, 2, 4, -1, -1});
    EXPECT_THAT(chunks.student, ElementsAre(0, 1, 1, 2, 2));
    EXPECT_THAT(chunks.teacher, ElementsAre(0, 1, 2, -1, -1));
}

TEST(PublishedChunks, PushASecondTokenOfOneCharacterIntoTheNextChunk)
{
    const Chunks chunks = publishedOf({1, 3, 5, -1}, {1, 3, 3, 5});
    EXPECT_THAT(chunks.student, ElementsAre(0, 1, 2, 2));
    EXPECT_THAT(chunks.teacher, ElementsAre(0, 1, 2, -1));
}

TEST(CommonChunks, OfOneTokenisationAreItsTokens)
{
    const Chunks chunks = chunksOf({1, 4, 6}, {1, 4, 6});
    EXPECT_THAT(chunks.student, ElementsAre(0, 1, 2));
    EXPECT_EQ(chunks.student, chunks.teacher);
}

TEST(CommonChunks, KeepTheBytesOfOneCharacterTogether)
{
    // "aé" as a, byte, byte against a, é: the pieces of one character share its end
    const Chunks chunks = chunksOf({1, 3, 5}, {1, 3, 3, 5});
    EXPECT_THAT(chunks.student, ElementsAre(0, 1, 1, 2));
    EXPECT_THAT(chunks.teacher, ElementsAre(0, 1, 2));
}

TEST(CommonChunks, LeaveWhatOnlyOneSideHasWithoutAPartner)
{
    const Chunks cut = chunksOf({2, 4, 9}, {2});
    EXPECT_THAT(cut.student, ElementsAre(0));
    EXPECT_THAT(cut.teacher, ElementsAre(0, 1, 1));
    const Chunks apart = chunksOf({3}, {2, 4});
    EXPECT_NE(apart.teacher[0], apart.student[0]);
    EXPECT_NE(apart.teacher[0], apart.student[1]);
    EXPECT_TRUE(chunksOf({}, {}).student.empty());
}

} // namespace
} // namespace dskd::align
