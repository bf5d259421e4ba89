#include "core/train/loop/gradient_norm.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace dskd::train
{

// A sum of 2^24 equal squares in float32 is off in the third digit already.
TEST(GradientNorm, OfManyEqualSmallValuesIsRightToAMillionth)
{
    constexpr std::int64_t kCount = (std::int64_t{1} << 24) + 37; // fills neither the last block nor its lanes
    const double value = 1.1e-3F;
    const std::vector<at::Tensor> gradients{at::full({kCount}, value, at::kFloat)};
    const double expected = value * std::sqrt(static_cast<double>(kCount));
    EXPECT_NEAR(gradientNorm(gradients) / expected, 1.0, 1e-9);
}

TEST(GradientNorm, IsThatOfAllElementsOfAllTensors)
{
    at::manual_seed(5);
    const at::Tensor transposed = at::randn({300, 257}).t();
    const at::Tensor strided = at::randn({64, 10}).slice(1, 0, 10, 3);
    const std::vector<at::Tensor> gradients{at::randn({70'001}), transposed, strided, at::zeros({0}), at::randn({})};
    double sum = 0.0;
    for (const at::Tensor& gradient : gradients) {
        sum += gradient.to(at::kDouble).square().sum().item<double>();
    }
    EXPECT_NEAR(gradientNorm(gradients), std::sqrt(sum), 1e-12 * std::sqrt(sum));
    EXPECT_EQ(gradientNorm({}), 0.0);
}

TEST(GradientNorm, HasTheSameBitsForEveryNumberOfThreads)
{
    at::manual_seed(6);
    const std::vector<at::Tensor> gradients{at::randn({1'000'003})};
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    const double alone = gradientNorm(gradients);
    at::set_num_threads(3);
    EXPECT_EQ(gradientNorm(gradients), alone);
    at::set_num_threads(before);
}

TEST(GradientNorm, IsNotFiniteWhereAnElementIsNot)
{
    at::Tensor gradient = at::zeros({100});
    gradient[63] = INFINITY;
    EXPECT_TRUE(std::isinf(gradientNorm(std::vector{gradient})));
    gradient[7] = NAN;
    EXPECT_TRUE(std::isnan(gradientNorm(std::vector{gradient})));
}

} // namespace dskd::train
