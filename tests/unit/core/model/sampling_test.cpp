#include "core/model/sampling.h"

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
    std::vector<int> counts(logits.size(), 0);
    for (int i = 0; i < draws; ++i) {
        ++counts[static_cast<std::size_t>(drawToken(logits, options, random))];
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

TEST(DrawToken, FollowsTheSoftmaxOfTheTemperedLogits)
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

TEST(DrawToken, TopKDrawsTheKMostLikelyOnly)
{
    SamplingOptions options;
    options.topK = 2;
    EXPECT_EQ(drawnTokens(logitsOf({0.1, 0.3, 0.2, 0.4}), options), (std::set<std::size_t>{1, 3}));
}

TEST(DrawToken, TopPDrawsTheFewestThatReachTheProbability)
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

TEST(DrawToken, TopPCountsWhatTopKLeft)
{
    SamplingOptions options;
    options.topK = 2;
    options.topP = 0.5; // 0.4 / (0.4 + 0.3) is enough
    EXPECT_EQ(drawnTokens(logitsOf({0.1, 0.3, 0.2, 0.4}), options), (std::set<std::size_t>{3}));
}

TEST(DrawToken, TopKOfOneIsTheMostLikely)
{
    SamplingOptions options;
    options.topK = 1;
    EXPECT_EQ(drawnTokens({0.5F, 3.0F, 2.9F, 3.0F}, options), (std::set<std::size_t>{1}));
    EXPECT_EQ(mostLikely(std::vector<float>{0.5F, 3.0F, 2.9F, 3.0F}), 1);
}

TEST(DrawToken, NeverDrawsALogitThatIsNotFinite)
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(drawnTokens({-kInfinity, 0.0F, nan, 0.0F, kInfinity}, {}), (std::set<std::size_t>{1, 3}));
    EXPECT_EQ(drawnTokens({nan, nan}, {}), (std::set<std::size_t>{0}));
}

TEST(DrawToken, SurvivesLogitsFarApart)
{
    EXPECT_EQ(drawnTokens({-1e30F, 1e30F, -3e38F}, {}), (std::set<std::size_t>{1}));
}

TEST(DrawToken, TakesNothingFromTheStreamWhenGreedy)
{
    RandomStream random(3, "greedy");
    const RandomStream::State before = random.state();
    SamplingOptions greedy;
    greedy.temperature = 0.0;
    EXPECT_EQ(drawToken(std::vector<float>{1.0F, 2.0F}, greedy, random), 1);
    EXPECT_EQ(random.state(), before);
}

} // namespace
} // namespace dskd::model
