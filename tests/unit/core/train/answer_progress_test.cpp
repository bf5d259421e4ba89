#include "core/train/answers/answer_progress.h"

#include <gmock/gmock.h>
#include <string>
#include <vector>

namespace dskd::train
{
namespace
{

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(AnswerProgress, SaysHowManyAnswersThereAreHowFastTheyComeAndHowLongTheyTake)
{
    std::vector<std::string> heard;
    const AnswerProgress::Clock::time_point begin{};
    AnswerProgress progress(
        4, /*maxNewTokens=*/20, /*batchSize=*/2, [&](const std::string& words) { heard.push_back(words); }, begin);
    EXPECT_EQ(progress.words(), "answers 0 of 4");
    EXPECT_EQ(progress.tokensPerSecond(), 0.0);

    progress.tokenDrawn(1, begin + 1s); // a second a token: 2 batches of 20 s at most
    progress.tokenDrawn(2, begin + 2s);
    for (std::int64_t length = 3; length <= 12; ++length) {
        progress.tokenDrawn(length, begin + 2500ms); // less than a second after the last report
    }
    EXPECT_THAT(
        heard, ElementsAre("answers 0 of 4, 1 tok/s, at most 39 s left", "answers 0 of 4, 1 tok/s, at most 38 s left"));

    heard.clear();
    progress.batchAnswered(2, begin + 12s); // 12 tokens; as long again for the other two answers
    progress.tokenDrawn(1, begin + 12500ms);
    progress.tokenDrawn(2, begin + 14s);
    progress.batchAnswered(2, begin + 14s);
    EXPECT_THAT(heard, ElementsAre("answers 2 of 4, 1 tok/s, about 12 s left",
                                   "answers 2 of 4, 1 tok/s, about 10 s left", "answers 4 of 4, 1 tok/s"));
    EXPECT_DOUBLE_EQ(progress.tokensPerSecond(), 1.0);
}

TEST(AnswerProgress, CountsEarlierAnswersButTakesNoRateAndNoTimeFromThem)
{
    const AnswerProgress::Clock::time_point begin{};
    AnswerProgress progress(
        4, /*maxNewTokens=*/20, /*batchSize=*/2, [](const std::string&) {}, begin);
    progress.countEarlier(96);
    EXPECT_EQ(progress.words(), "answers 96 of 100");
    progress.tokenDrawn(1, begin + 1s);
    EXPECT_EQ(progress.words(), "answers 96 of 100, 1 tok/s, at most 39 s left") << "two batches of 20 s";
    for (std::int64_t length = 2; length <= 12; ++length) {
        progress.tokenDrawn(length, begin + std::chrono::seconds(length));
    }
    progress.batchAnswered(2, begin + 12s);
    EXPECT_EQ(progress.words(), "answers 98 of 100, 1 tok/s, about 12 s left");
}

TEST(AnswerProgress, HasNoTimeLeftBelowZeroWhereABatchTakesLongerThanThoseBefore)
{
    const AnswerProgress::Clock::time_point begin{};
    AnswerProgress progress(
        2, 8, 1, [](const std::string&) {}, begin);
    progress.tokenDrawn(1, begin + 1s);
    progress.batchAnswered(1, begin + 1s);
    progress.tokenDrawn(1, begin + 2s);
    progress.tokenDrawn(2, begin + 3s);
    EXPECT_EQ(progress.words(), "answers 1 of 2, 1 tok/s, less than 10 s left");
}

} // namespace
} // namespace dskd::train
