#include "core/base/last_words.h"

#include <gtest/gtest.h>

namespace dskd
{
namespace
{

TEST(LastWords, AreReadAsTheyWereWritten)
{
    const auto words =
        findLastWords("some chatter\n" + lastWordsBegin(ExitCode::BadModel) + "The weights were cut short.\nmore\n");
    ASSERT_TRUE(words);
    EXPECT_EQ(words->sentence, "The weights were cut short.");
    EXPECT_EQ(words->code, ExitCode::BadModel);
}

TEST(LastWords, OfSeveralLinesAreTheFirst)
{
    const auto words = findLastWords(lastWordsBegin(ExitCode::BadData) + "The data file is gone.\n" +
                                     lastWordsBegin(ExitCode::Failed) + "run.db cannot be used.\n");
    ASSERT_TRUE(words);
    EXPECT_EQ(words->sentence, "The data file is gone.");
}

TEST(LastWords, OfOlderVersionsHaveNoCode)
{
    const auto words = findLastWords("dskd-worker gives up: The data file is gone.");
    ASSERT_TRUE(words);
    EXPECT_EQ(words->sentence, "The data file is gone.");
    EXPECT_FALSE(words->code);
}

TEST(LastWords, WithACodeThatNoProgramEndsWithHaveNone)
{
    const auto words = findLastWords("dskd-worker gives up (exit code 99): What is this?");
    ASSERT_TRUE(words);
    EXPECT_EQ(words->sentence, "What is this?");
    EXPECT_FALSE(words->code);
}

TEST(LastWords, AreNotInEveryLog)
{
    EXPECT_FALSE(findLastWords("loading the teacher\n"));
    EXPECT_EQ(findLastWords("dskd-worker gives up")->sentence, "") << "cut by a full disk";
}

} // namespace
} // namespace dskd
