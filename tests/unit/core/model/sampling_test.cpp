#include "core/model/sampling.h"

#include "core/base/random_stream.h"

#include <ATen/ATen.h>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

namespace dskd::model
{
namespace
{
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<int> countDraws(const std::vector<float>& logits, const SamplingOptions& options, int draws)
{
    RandomStream random(7, "sampling_test");
    std::vector<double> numbers;
    for (int i = 0; i < draws; ++i) {
        numbers.push_back(random.uniform());
    }
    const at::Tensor rows = at::tensor(logits).unsqueeze(0).expand({draws, -1});
    const at::Tensor tokens = drawTokens(rows, options, numbers);
    std::vector<int> counts(logits.size(), 0);
    for (int i = 0; i < draws; ++i) {
        ++counts[static_cast<std::size_t>(tokens[i].item<std::int64_t>())];
    }
    return counts;
}

std::set<std::size_t> drawnTokens(const std::vector<float>& logits, const SamplingOptions& options)
{
    const std::vector<int> counts = countDraws(logits, options, 2000);
    std::set<std::size_t> drawn;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0) {
            drawn.insert(i);
        }
    }
    return drawn;
}

// Logits whose softmax is these probabilities.
std::vector<float> logitsOf(const std::vector<double>& probabilities)
{
    std::vector<float> logits;
    for (const double probability : probabilities) {
        logits.push_back(static_cast<float>(std::log(probability)));
    }
    return logits;
}

TEST(DrawTokens, FollowsTheSoftmaxOfTheTemperedLogits)
{
    const std::vector<float> logits = {1.0F, -0.5F, 0.3F, 2.0F, -2.0F, 0.0F};
    for (const double temperature : {0.5, 1.0, 2.0}) {
        SamplingOptions options;
        options.temperature = temperature;
        const int draws = 20000;
        const std::vector<int> counts = countDraws(logits, options, draws);
        double total = 0.0;
        for (const float logit : logits) {
            total += std::exp(logit / temperature);
        }
        double chiSquare = 0.0;
        for (std::size_t i = 0; i < logits.size(); ++i) {
            const double expected = draws * std::exp(logits[i] / temperature) / total;
            chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        EXPECT_LT(chiSquare, 20.5) << "temperature " << temperature; // 0.999 quantile for 5 degrees of freedom
    }
}

TEST(DrawTokens, TopKDrawsTheKMostLikelyOnly)
{
    SamplingOptions options;
    options.topK = 2;
    EXPECT_EQ(drawnTokens(logitsOf({0.1, 0.3, 0.2, 0.4}), options), (std::set<std::size_t>{1, 3}));
}

TEST(DrawTokens, TopPDrawsTheFewestThatReachTheProbability)
{
    const std::vector<float> logits = logitsOf({0.1, 0.3, 0.2, 0.4});
    SamplingOptions options;
    options.topP = 0.65;
    EXPECT_EQ(drawnTokens(logits, options), (std::set<std::size_t>{1, 3}));
    options.topP = 0.75;
    EXPECT_EQ(drawnTokens(logits, options), (std::set<std::size_t>{1, 2, 3}));
    options.topP = 1e-9;
    EXPECT_EQ(drawnTokens(logits, options), (std::set<std::size_t>{3}));
}

TEST(DrawTokens, TopPCountsWhatTopKLeft)
{
    SamplingOptions options;
    options.topK = 2;
    options.topP = 0.5; // 0.4 / (0.4 + 0.3) is enough
    EXPECT_EQ(drawnTokens(logitsOf({0.1, 0.3, 0.2, 0.4}), options), (std::set<std::size_t>{3}));
}

TEST(DrawTokens, TopKOfOneIsTheMostLikely)
{
    SamplingOptions options;
    options.topK = 1;
    EXPECT_EQ(drawnTokens({0.5F, 3.0F, 2.9F, 3.0F}, options), (std::set<std::size_t>{1}));
}

TEST(DrawTokens, NeverDrawsALogitThatIsNotFinite)
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(drawnTokens({-kInfinity, 0.0F, nan, 0.0F, kInfinity}, {}), (std::set<std::size_t>{1, 3}));
    EXPECT_EQ(drawnTokens({nan, nan}, {}), (std::set<std::size_t>{0}));
    SamplingOptions greedy;
    greedy.temperature = 0.0;
    EXPECT_EQ(drawnTokens({-kInfinity, 0.0F, nan, 1.0F, kInfinity}, greedy), (std::set<std::size_t>{3}));
    EXPECT_EQ(drawnTokens({nan, nan}, greedy), (std::set<std::size_t>{0}));
}

TEST(DrawTokens, SurvivesLogitsFarApart)
{
    EXPECT_EQ(drawnTokens({-1e30F, 1e30F, -3e38F}, {}), (std::set<std::size_t>{1}));
}

TEST(DrawTokens, TakesTheFirstOfTheMostLikelyWhenGreedy)
{
    SamplingOptions greedy;
    greedy.temperature = 0.0;
    const at::Tensor logits = at::tensor({0.5F, 3.0F, 2.9F, 3.0F, 7.0F, -1.0F, 0.0F, 1.0F}).view({2, 4});
    EXPECT_TRUE(drawTokens(logits, greedy, {}).equal(at::tensor({1, 0}, at::kLong)));
}

TEST(DrawTokens, EachRowHasItsOwnNumber)
{
    const at::Tensor logits = at::zeros({4, 8});
    const std::vector<double> numbers{0.0, 0.5, 0.26, 0.999};
    EXPECT_TRUE(drawTokens(logits, {}, numbers).equal(at::tensor({0, 4, 2, 7}, at::kLong)));
    EXPECT_THROW((void)drawTokens(logits, {}, std::span(numbers).first(3)), c10::Error);
}

TEST(DrawTokens, TheSmallerOfEqualTokensComesFirst)
{
    SamplingOptions options;
    options.topK = 2;
    EXPECT_EQ(drawnTokens({0.0F, 1.0F, 0.0F, 0.0F}, options), (std::set<std::size_t>{0, 1}));
    options.topK = 0;
    options.topP = 0.4; // of four equal ones two are enough
    EXPECT_EQ(drawnTokens({0.0F, 0.0F, 0.0F, 0.0F}, options), (std::set<std::size_t>{0, 1}));
}

} // namespace
} // namespace dskd::model
