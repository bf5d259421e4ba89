#include "core/score/word_difference.h"

#include "core/base/regular_file.h"
#include "core/score/rouge.h"
#include "tests/support/paths.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

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

// As the definition has it: a table of the common words of what is left of both.
WordDifference byTable(const std::vector<std::string>& reference, const std::vector<std::string>& answer)
{
    std::vector<std::vector<std::size_t>> left(reference.size() + 1, std::vector<std::size_t>(answer.size() + 1, 0));
    for (std::size_t i = reference.size(); i-- > 0;) {
        for (std::size_t j = answer.size(); j-- > 0;) {
            left[i][j] = reference[i] == answer[j] ? left[i + 1][j + 1] + 1 : std::max(left[i + 1][j], left[i][j + 1]);
        }
    }
    WordDifference found; // of each word its number as the span
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < reference.size() || j < answer.size()) {
        if (i < reference.size() && j < answer.size() && reference[i] == answer[j]) {
            ++found.common;
            ++i;
            ++j;
        } else if (i == reference.size() || (j < answer.size() && left[i][j + 1] >= left[i + 1][j])) {
            found.notInReference.push_back({j, j});
            ++j;
        } else {
            found.notInAnswer.push_back({i, i});
            ++i;
        }
    }
    return found;
}

std::vector<std::string> drawnWords(std::mt19937& random, std::size_t count, unsigned numDifferent)
{
    std::vector<std::string> words;
    words.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        words.push_back("w" + std::to_string(100 + random() % numDifferent)); // four characters, all of one length
    }
    return words;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words) {
        text += word + " ";
    }
    return text;
}

TEST(WordDifference, IsThatOfTheWholeTableForTextsOfEveryLength)
{
    std::mt19937 random(7);          // NOLINT: the same words every time
    const std::size_t wordBytes = 5; // with its blank
    for (int round = 0; round < 200; ++round) {
        const unsigned numDifferent = round % 3 == 0 ? 2 : round % 3 == 1 ? 12 : 300;
        const auto reference = drawnWords(random, random() % 200, numDifferent);
        const auto answer = drawnWords(random, random() % 200, numDifferent);
        const WordDifference found = wordDifference(joined(reference), joined(answer));
        const WordDifference wanted = byTable(reference, answer);
        ASSERT_EQ(found.common, wanted.common) << round;
        ASSERT_EQ(found.notInReference.size(), wanted.notInReference.size()) << round;
        ASSERT_EQ(found.notInAnswer.size(), wanted.notInAnswer.size()) << round;
        for (std::size_t i = 0; i < wanted.notInReference.size(); ++i) {
            ASSERT_EQ(found.notInReference[i].begin, wanted.notInReference[i].begin * wordBytes) << round;
        }
        for (std::size_t i = 0; i < wanted.notInAnswer.size(); ++i) {
            ASSERT_EQ(found.notInAnswer[i].begin, wanted.notInAnswer[i].begin * wordBytes) << round;
        }
    }
}

TEST(WordDifference, OfLongTextsTakesFewStepsAndLittleMemory)
{
    constexpr std::size_t kWords = 20'000; // a table of all pairs would take 1.6 GB
    std::mt19937 random(8);                // NOLINT: the same words every time
    for (const unsigned numDifferent : {1U, 30U, 800U}) {
        DifferenceWork work;
        const WordDifference found = wordDifference(joined(drawnWords(random, kWords, numDifferent)),
                                                    joined(drawnWords(random, kWords, numDifferent)), &work);
        EXPECT_EQ(found.answerWords(), kWords);
        EXPECT_EQ(found.referenceWords(), kWords);
        EXPECT_GT(work.blocks, 0U);
        EXPECT_LE(work.blocks, 2 * kWords * (kWords / 64 + 1)) << numDifferent;
        EXPECT_LE(work.bytes, 2'000'000U) << numDifferent;
    }
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
