#include "core/distill/key_query_diagnostics.h"

#include "tests/support/random_tensors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace dskd::distill
{
namespace
{

using at::Tensor;

Tensor points(std::initializer_list<double> values, std::int64_t width = 1)
{
    return at::tensor(std::vector<double>(values), at::kDouble).reshape({-1, width});
}

const Tensor kLine = points({1.0}); // the only direction there is in one dimension

double sliced(const Tensor& x, const Tensor& y)
{
    return slicedWasserstein(x, y, kLine).item<double>();
}

TEST(MaximumMeanDiscrepancy, IsTheMeanOfTheKernelWithinLessAcross)
{
    // Distances of 0, 1 | 3, 5: 1, 3, 5, 2, 4, 2; the lower median is 2, so the kernel is exp(-d^2 / 8).
    const auto kernel = [](double d) { return std::exp(-d * d / 8.0); };
    const double expected = kernel(1) + kernel(2) - 2.0 * (kernel(3) + kernel(5) + kernel(2) + kernel(4)) / 4.0;
    EXPECT_NEAR(maximumMeanDiscrepancy(points({0, 1}), points({3, 5})).item<double>(), expected, 1e-12);
}

TEST(MaximumMeanDiscrepancy, IsZeroOnAverageForOneDistributionAndLargeForTwo)
{
    double sum = 0.0;
    double apart = 0.0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        support::Draw draw(seed);
        const Tensor x = draw.normal({20, 4});
        sum += maximumMeanDiscrepancy(x, draw.normal({15, 4})).item<double>();
        apart += maximumMeanDiscrepancy(x, draw.normal({15, 4}) + 2.0).item<double>();
    }
    EXPECT_NEAR(sum / 100, 0.0, 0.01); // one estimate scatters by about 0.02
    EXPECT_GT(apart / 100, 0.5);
}

TEST(MaximumMeanDiscrepancy, StaysFiniteForRowsThatAreAllAlikeOrFew)
{
    EXPECT_EQ(maximumMeanDiscrepancy(at::ones({3, 2}), at::ones({4, 2})).item<float>(), 0.0f);
    EXPECT_EQ(maximumMeanDiscrepancy(at::ones({1, 2}), at::ones({4, 2})).item<float>(), 0.0f);
    EXPECT_EQ(maximumMeanDiscrepancy(at::ones({0, 2}), at::ones({0, 2})).item<float>(), 0.0f);
    // Most rows alike, so the median is 0: the mean of d^2 = 16/45 takes its place.
    const double apart = std::exp(-45.0 / 32.0);
    EXPECT_NEAR(maximumMeanDiscrepancy(points({0, 0, 0, 0, 0}), points({0, 0, 0, 1, 1})).item<double>(),
                0.2 * (1.0 - apart), 1e-12);
}

TEST(SlicedWasserstein, IsTheDistanceOfSortedValuesInOneDimension)
{
    EXPECT_NEAR(sliced(points({3, 1, 2}), points({2, 3, 4})), 1.0, 1e-12) << "a shift by 1";
    EXPECT_NEAR(sliced(points({0, 2}), points({5, 1})), std::sqrt((1.0 + 9.0) / 2), 1e-12);
    EXPECT_NEAR(sliced(points({4, 7}), points({7, 4})), 0.0, 1e-12);
}

TEST(SlicedWasserstein, SplitsPointsWhenThereAreMoreOnOneSide)
{
    // quantiles in thirds: 0 to 1, half of 0 and half of 6 to 2 (a sixth each), 6 to 3
    const double expected = std::sqrt(1.0 / 3 + 4.0 / 6 + 16.0 / 6 + 9.0 / 3);
    EXPECT_NEAR(sliced(points({6, 0}), points({3, 1, 2})), expected, 1e-12);
    EXPECT_NEAR(sliced(points({3, 1, 2}), points({6, 0})), expected, 1e-12);
    EXPECT_NEAR(sliced(points({1, 5}), points({5, 1, 1, 5, 5, 1})), 0.0, 1e-12) << "every point thrice";
    EXPECT_EQ(slicedWasserstein(at::ones({0, 2}), at::ones({3, 2}), at::ones({1, 2})).item<float>(), 0.0f);
}

TEST(SlicedWasserstein, AveragesOverTheDirections)
{
    const Tensor x = points({0, 0, 1, 1}, 2);
    const Tensor y = x + points({3, 4}, 2);
    const Tensor axes = points({1, 0, 0, 1}, 2);
    EXPECT_NEAR(slicedWasserstein(x, y, axes).item<double>(), std::sqrt((9.0 + 16.0) / 2), 1e-12);
}

TEST(RandomDirections, HaveLengthOneAndAreAFunctionOfTheSeed)
{
    const Tensor directions = randomDirections(500, 3, 7, at::kDouble);
    support::expectNear(directions.square().sum(1), at::ones({500}, at::kDouble), 1e-12, "lengths");
    EXPECT_TRUE(directions.equal(randomDirections(500, 3, 7, at::kDouble)));
    EXPECT_FALSE(directions.equal(randomDirections(500, 3, 8, at::kDouble)));
    EXPECT_LT(directions.mean(0).abs().max().item<double>(), 0.12) << "no side is preferred: 4.6 standard errors";
}

TEST(MeanCosine, IsTheMeanOverAllPairs)
{
    const Tensor x = points({2, 0, 0, 3}, 2);
    const Tensor y = points({5, 0, -1, 0, 1, 1}, 2);
    // (1, 0) with y: 1, -1, 1/sqrt 2; (0, 1): 0, 0, 1/sqrt 2
    EXPECT_NEAR(meanCosine(x, y).item<double>(), 2.0 / std::sqrt(2.0) / 6.0, 1e-12);
    EXPECT_NEAR(meanCosine(points({1, 2}, 2), points({3, 6}, 2)).item<double>(), 1.0, 1e-12);
    EXPECT_EQ(meanCosine(points({0, 0}, 2), points({3, 6}, 2)).item<double>(), 0.0);
    EXPECT_EQ(meanCosine(at::ones({0, 2}), at::ones({3, 2})).item<float>(), 0.0f);
}

} // namespace
} // namespace dskd::distill
