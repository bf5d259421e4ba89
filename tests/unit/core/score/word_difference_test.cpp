#include "core/score/word_difference.h"

#include "core/base/regular_file.h"
#include "core/score/rouge.h"
#include "tests/support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

namespace dskd::score
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> textsOf(const std::string& text, const std::vector<TextSpan>& spans)
{
    std::vector<std::string> texts;
    for (const TextSpan& span : spans) {
        texts.push_back(text.substr(span.begin, span.end - span.begin));
    }
    return texts;
}

TEST(WordDifference, NamesTheWordsThatTheOtherTextLacksAsTheyAreWritten)
{
    const std::string reference = "Red, orange and yellow are three of them.";
    const std::string answer = "The answer is: RED, blue and yellow.";
    const WordDifference found = wordDifference(reference, answer);
    EXPECT_THAT(textsOf(answer, found.notInReference), ElementsAre("The", "answer", "is", "blue"));
    EXPECT_THAT(textsOf(reference, found.notInAnswer), ElementsAre("orange", "are", "three", "of", "them"));
    EXPECT_EQ(found.common, 3U);
    EXPECT_EQ(found.answerWords(), 7U);
    EXPECT_EQ(found.referenceWords(), 8U);
}

TEST(WordDifference, IsNoneWhereOnlyCasePunctuationAndEndingsDiffer)
{
    const WordDifference found = wordDifference("The cats are running!", "the cat, are: run");
    EXPECT_THAT(found.notInReference, IsEmpty());
    EXPECT_THAT(found.notInAnswer, IsEmpty());
    EXPECT_EQ(found.common, 4U);
}

TEST(WordDifference, CountsAWordInAnotherOrderAsDifferent)
{
    const WordDifference found = wordDifference("one two", "two one");
    EXPECT_EQ(found.common, 1U);
    EXPECT_THAT(textsOf("one two", found.notInAnswer), ElementsAre("two")) << "the reference's first word is kept";
    EXPECT_THAT(textsOf("two one", found.notInReference), ElementsAre("two"));
}

TEST(WordDifference, OfAnEmptyTextIsAllOfTheOther)
{
    EXPECT_EQ(wordDifference("a b c", "").notInAnswer.size(), 3U);
    EXPECT_EQ(wordDifference("", "a b").notInReference.size(), 2U);
    EXPECT_EQ(wordDifference("\xe4\xb8\xad", "\xe6\x96\x87").answerWords(), 0U) << "ROUGE has no words of these";
}

TEST(WordDifference, HasTheWordsInCommonThatRougeLCounts)
{
    const auto golden = nlohmann::json::parse(readTextFile(test::goldenDir() + "/score/rouge.json").value());
    int checked = 0;
    for (const auto& row : golden.at("pairs")) {
        const auto reference = row.at(0).get<std::string>();
        const auto answer = row.at(1).get<std::string>();
        const WordDifference found = wordDifference(reference, answer);
        EXPECT_EQ(found.referenceWords(), rougeTokens(reference).size());
        EXPECT_EQ(found.answerWords(), rougeTokens(answer).size());
        if (found.referenceWords() > 0) {
            EXPECT_NEAR(static_cast<double>(found.common) / static_cast<double>(found.referenceWords()),
                        row.at(3).get<double>(), 1e-12)
                << reference << " | " << answer;
        }
        ++checked;
    }
    EXPECT_GE(checked, 1000);
}

TEST(CutAt, KeepsEveryByteInOrder)
{
    const std::string text = "ab cd e";
    std::string all;
    std::string marked;
    for (const TextPart& part : cutAt(text, {{0, 2}, {3, 5}})) {
        all += part.text;
        marked += part.marked ? std::string(part.text) + "|" : "";
    }
    EXPECT_EQ(all, text);
    EXPECT_EQ(marked, "ab|cd|");
    EXPECT_EQ(cutAt(text, {}).size(), 1U);
    EXPECT_THAT(cutAt("", {}), IsEmpty());
}

TEST(RougeWords, HaveTheBytesThatTheyWereMadeOf)
{
    const std::string text = "Caf\xc3\xa9 \xe2\x84\xaa"
                             "9!"; // the Kelvin sign is a k of three bytes
    const auto words = rougeWords(text);
    ASSERT_EQ(words.size(), 2U);
    EXPECT_EQ(text.substr(words[0].begin, words[0].end - words[0].begin), "Caf");
    EXPECT_EQ(words[1].word, "k9");
    EXPECT_EQ(text.substr(words[1].begin, words[1].end - words[1].begin), "\xe2\x84\xaa"
                                                                          "9");
}

} // namespace
} // namespace dskd::score
