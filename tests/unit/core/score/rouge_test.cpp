#include "core/score/rouge.h"

#include "core/base/regular_file.h"
#include "core/score/porter_stemmer.h"
#include "tests/support/paths.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::score
{
namespace
{

TEST(PorterStemmer, GivesTheStemsOfNltkForRealMadeUpAndIrregularWords)
{
    std::ifstream file(test::goldenDir() + "/score/stems.txt");
    std::string word;
    std::string stem;
    int checked = 0;
    while (file >> word >> stem) {
        EXPECT_EQ(porterStem(word), stem) << word;
        ++checked;
    }
    EXPECT_GT(checked, 3000);
}

TEST(PorterStemmer, LeavesVeryShortWordsAlone)
{
    EXPECT_EQ(porterStem(""), "");
    EXPECT_EQ(porterStem("s"), "s");
    EXPECT_EQ(porterStem("is"), "is");
}

// The tolerance allows for nothing but a different rounding of the decimal text; the operations are the same.
TEST(RougeL, EqualsPyPiRougeScoreOnAThousandPairs)
{
    const auto golden = nlohmann::json::parse(readTextFile(test::goldenDir() + "/score/rouge.json").value());
    int checked = 0;
    int nonZero = 0;
    for (const auto& row : golden.at("pairs")) {
        const auto reference = row.at(0).get<std::string>();
        const auto prediction = row.at(1).get<std::string>();
        const RougeScore score = rougeL(reference, prediction);
        EXPECT_NEAR(score.precision, row.at(2).get<double>(), 1e-12) << reference << " | " << prediction;
        EXPECT_NEAR(score.recall, row.at(3).get<double>(), 1e-12) << reference << " | " << prediction;
        EXPECT_NEAR(score.f1, row.at(4).get<double>(), 1e-12) << reference << " | " << prediction;
        ++checked;
        nonZero += score.f1 > 0 ? 1 : 0;
    }
    EXPECT_GE(checked, 1000);
    EXPECT_GT(nonZero, 500);
}

TEST(RougeL, IgnoresCaseAndPunctuationAndInflection)
{
    EXPECT_DOUBLE_EQ(rougeL("The cats are running!", "the cat are run").f1, 1.0);
    EXPECT_DOUBLE_EQ(rougeL("ads", "ad").f1, 0.0); // too short to be stemmed
    EXPECT_EQ(rougeTokens("Caf\xc3\xa9, 42-times GENERALLY"), (std::vector<std::string>{"caf", "42", "time", "gener"}));
}

TEST(RougeL, TakesTheBestOfSeveralReferences)
{
    const std::vector<std::string> references = {"something else", "a red house", "a red house on a hill"};
    EXPECT_DOUBLE_EQ(rougeL(references, "a red house").f1, 1.0);
    EXPECT_DOUBLE_EQ(rougeL(std::span<const std::string>(), "a red house").f1, 0.0);
}

TEST(RougeL, SurvivesTextThatIsNotUtf8)
{
    EXPECT_DOUBLE_EQ(rougeL("word \xff\xc4", "\xe2\x84 word").f1, 1.0);
}

} // namespace
} // namespace dskd::score
