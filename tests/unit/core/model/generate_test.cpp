#include "core/model/generate.h"

#include "golden_model.h"

#include <atomic>
#include <cstddef>
#include <gtest/gtest.h>

namespace dskd::model
{
namespace
{
using namespace testing;

const std::int64_t kEos = 2; // the golden answers were made with it

GenerateOptions greedyOptions(std::int64_t maxNewTokens = 12)
{
    GenerateOptions options;
    options.maxNewTokens = maxNewTokens;
    options.eosIds = {kEos};
    return options;
}

GenerateOptions samplingOptions()
{
    GenerateOptions options = greedyOptions(20);
    options.temperature = 1.3;
    options.topK = 40;
    options.topP = 0.95;
    options.seed = 11;
    return options;
}

TokenLists goldenPrompts(const TensorMap& expected)
{
    return tokenLists(expected.at("prompts"), expected.at("prompt_lengths"));
}

class Generate : public ::testing::TestWithParam<std::string>
{
protected:
    void SetUp() override
    {
        model = goldenModel(GetParam());
        expected = goldenExpected(GetParam());
        prompts = goldenPrompts(expected);
    }

    // Each prompt alone, with the number that it has in the batch.
    [[nodiscard]] TokenLists oneByOne(const GenerateOptions& options)
    {
        TokenLists answers;
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            GenerateOptions single = options;
            single.firstIndex = options.firstIndex + static_cast<std::int64_t>(i);
            answers.push_back(generate(*model, {prompts[i]}, single).front());
        }
        return answers;
    }

    std::unique_ptr<CausalLm> model;
    TensorMap expected;
    TokenLists prompts;
};

TEST_P(Generate, GreedyAnswersAreThoseOfTransformers)
{
    EXPECT_EQ(generate(*model, prompts, greedyOptions()),
              tokenLists(expected.at("greedy"), expected.at("greedy_lengths")));
}

TEST_P(Generate, TellsTheTokensOfEachPromptOneByOne)
{
    TokenLists heard(prompts.size());
    GenerateOptions options = greedyOptions();
    options.onDrawn = [&](std::size_t prompt, const std::vector<std::int64_t>& tokens) {
        ASSERT_LT(prompt, heard.size());
        EXPECT_EQ(tokens.size(), heard[prompt].size() + 1);
        heard[prompt] = tokens;
    };
    EXPECT_EQ(generate(*model, prompts, options), heard);
}

TEST_P(Generate, GreedyAnswersDoNotDependOnTheBatch)
{
    EXPECT_EQ(generate(*model, prompts, greedyOptions(25)), oneByOne(greedyOptions(25)));
}

TEST_P(Generate, SampledAnswersDoNotDependOnTheBatch)
{
    EXPECT_EQ(generate(*model, prompts, samplingOptions()), oneByOne(samplingOptions()));
}

TEST_P(Generate, TheCacheChangesNoAnswer)
{
    const TokenLists answers = generate(*model, prompts, greedyOptions());
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        std::vector<std::int64_t> sequence = prompts[i];
        for (const std::int64_t token : answers[i]) {
            const at::Tensor last = model->hiddenStates(packed({sequence})).slice(0, -1);
            ASSERT_EQ(token, logitsOf(*model, last).argmax().item<std::int64_t>());
            sequence.push_back(token);
        }
    }
}

std::string nameOf(const ::testing::TestParamInfo<std::string>& info)
{
    return info.param;
}

INSTANTIATE_TEST_SUITE_P(Families, Generate, ::testing::ValuesIn(kGoldenModels), nameOf);

class GenerateOptionsTest : public ::testing::Test
{
protected:
    std::unique_ptr<CausalLm> llama = goldenModel("llama");
    TokenLists prompts = goldenPrompts(goldenExpected("llama"));
};

TEST_F(GenerateOptionsTest, AMixtureWithNoShareIsTheModelAlone)
{
    const auto other = goldenModel("llama");
    EXPECT_EQ(generate(*llama, Mixture{*other, 0.0}, prompts, samplingOptions()),
              generate(*llama, prompts, samplingOptions()));
    EXPECT_EQ(generate(*llama, Mixture{*other, 0.4}, prompts, greedyOptions()),
              generate(*llama, prompts, greedyOptions()))
        << "nor does a model mixed with itself say anything else";
}

TEST_F(GenerateOptionsTest, AMixtureContinuesByTheMeanOfBothDistributions)
{
    const auto other = goldenModel("gpt2");
    const std::int64_t tokens = std::min(llama->head().size(0), other->head().size(0));
    TokenLists both = prompts;
    for (auto& prompt : both) {
        for (std::int64_t& id : prompt) {
            id %= tokens;
        }
    }
    for (const double share : {0.3, 0.95}) {
        const TokenLists answers = generate(*llama, Mixture{*other, share}, both, greedyOptions());
        for (std::size_t i = 0; i < both.size(); ++i) {
            std::vector<std::int64_t> sequence = both[i];
            for (const std::int64_t token : answers[i]) {
                const auto next = [&](CausalLm& model) {
                    const at::Tensor last = model.hiddenStates(packed({sequence})).slice(0, -1);
                    return at::softmax(at::linear(last, model.head()).slice(1, 0, tokens), 1);
                };
                const at::Tensor mixed = next(*llama) * (1 - share) + next(*other) * share;
                ASSERT_EQ(token, mixed.argmax().item<std::int64_t>());
                sequence.push_back(token);
            }
        }
    }
}

TEST_F(GenerateOptionsTest, TopKOfOneIsGreedy)
{
    GenerateOptions options = samplingOptions();
    options.topK = 1;
    GenerateOptions greedy = options;
    greedy.temperature = 0.0;
    EXPECT_EQ(generate(*llama, prompts, options), generate(*llama, prompts, greedy));
}

TEST_F(GenerateOptionsTest, TheSeedDecidesTheAnswers)
{
    GenerateOptions other = samplingOptions();
    other.seed = 12;
    EXPECT_EQ(generate(*llama, prompts, samplingOptions()), generate(*llama, prompts, samplingOptions()));
    EXPECT_NE(generate(*llama, prompts, samplingOptions()), generate(*llama, prompts, other));
}

TEST_F(GenerateOptionsTest, TheSamePromptTwiceGivesTwoAnswers)
{
    const TokenLists answers = generate(*llama, {prompts[0], prompts[0]}, samplingOptions());
    EXPECT_NE(answers[0], answers[1]);
}

TEST_F(GenerateOptionsTest, ASequenceEndsWithAnyEosWhileTheOthersGoOn)
{
    GenerateOptions options = greedyOptions();
    options.eosIds.clear();
    const TokenLists full = generate(*llama, prompts, options);
    options.eosIds = {95, full[1][3]};
    const TokenLists answers = generate(*llama, prompts, options);
    for (std::size_t i = 0; i < full.size(); ++i) {
        const auto end =
            std::find_first_of(full[i].begin(), full[i].end(), options.eosIds.begin(), options.eosIds.end());
        EXPECT_EQ(answers[i], std::vector<std::int64_t>(full[i].begin(), end == full[i].end() ? end : end + 1));
    }
    EXPECT_LE(answers[1].size(), 4U);
}

TEST_F(GenerateOptionsTest, RowsOfThePaddedHeadAreNeverDrawn)
{
    GenerateOptions options = samplingOptions();
    options.vocabularySize = 10;
    options.topK = 0;
    options.topP = 1.0;
    options.eosIds.clear();
    for (const double temperature : {0.0, 5.0}) {
        options.temperature = temperature;
        for (const auto& answer : generate(*llama, prompts, options)) {
            EXPECT_EQ(answer.size(), 20U);
            EXPECT_LT(*std::max_element(answer.begin(), answer.end()), 10);
        }
    }
}

TEST_F(GenerateOptionsTest, CancelledBeforeTheFirstTokenGivesEmptyAnswers)
{
    const std::atomic<bool> cancel = true;
    EXPECT_EQ(generate(*llama, prompts, greedyOptions(), &cancel), TokenLists(prompts.size()));
}

TEST_F(GenerateOptionsTest, NoPromptsAndNoRoomAreNoWork)
{
    EXPECT_TRUE(generate(*llama, {}, greedyOptions()).empty());
    EXPECT_EQ(generate(*llama, prompts, greedyOptions(0)), TokenLists(prompts.size()));
}

TEST_F(GenerateOptionsTest, AnEmptyPromptIsRefusedByItsNumber)
{
    try {
        (void)generate(*llama, {prompts[0], {}}, greedyOptions());
        FAIL() << "an empty prompt was continued";
    } catch (const Error& error) {
        EXPECT_NE(error.failure().what.find("Prompt 2 of 2"), std::string::npos);
    }
}

TEST(GenerateWithLearnedPositions, EndsWhereThePositionsEnd)
{
    const auto gpt2 = goldenModel("gpt2"); // 40 positions
    GenerateOptions options = greedyOptions(12);
    options.eosIds.clear();
    const TokenLists answers =
        generate(*gpt2, {std::vector<std::int64_t>(38, 5), {7, 8}, std::vector<std::int64_t>(41, 5)}, options);
    EXPECT_EQ(answers[0].size(), 3U); // the tokens of positions 38 and 39, and the one that follows them
    EXPECT_EQ(answers[1].size(), 12U);
    EXPECT_TRUE(answers[2].empty());
}

} // namespace
} // namespace dskd::model
