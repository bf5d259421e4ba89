#include "core/bench/gradient_difference.h"

#include <ATen/ATen.h>
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace dskd::bench
{
namespace
{

using Tensors = std::vector<at::Tensor>;

at::Tensor row(double first, double second)
{
    return at::tensor({first, second}, at::kFloat);
}

TEST(GradientDifference, IsTheNormOfTheDifferenceByThatOfTheOtherSide)
{
    EXPECT_DOUBLE_EQ(gradientDifference(Tensors{row(3.0, 1.0), row(0.0, 2.0)}, Tensors{row(0.0, 1.0), row(4.0, 2.0)}),
                     5.0 / std::sqrt(21.0));
    EXPECT_EQ(gradientDifference(Tensors{row(3.0, 1.0)}, Tensors{row(3.0, 1.0)}), 0.0);
}

TEST(GradientDifference, SeesWhatHasTheSameNorm)
{
    EXPECT_DOUBLE_EQ(gradientDifference(Tensors{row(3.0, 4.0)}, Tensors{row(-3.0, -4.0)}), 2.0);
}

TEST(GradientDifference, CountsWhatIsUndefinedAsZeros)
{
    EXPECT_DOUBLE_EQ(gradientDifference(Tensors{at::Tensor(), row(3.0, 4.0)}, Tensors{row(0.0, 5.0), row(3.0, 4.0)}),
                     5.0 / std::sqrt(50.0));
    EXPECT_GT(gradientDifference(Tensors{row(1.0, 0.0)}, Tensors{at::Tensor()}), 1.0);
    EXPECT_EQ(gradientDifference(Tensors{at::Tensor()}, Tensors{at::Tensor()}), 0.0);
}

TEST(GradientDifference, ReadsTypesBelowFloat32)
{
    EXPECT_DOUBLE_EQ(
        gradientDifference(Tensors{row(3.0, 0.0).to(at::kBFloat16)}, Tensors{row(0.0, 4.0).to(at::kBFloat16)}),
        5.0 / 4.0);
}

TEST(GradientDifference, RefusesWhatDoesNotBelongTogether)
{
    EXPECT_THROW((void)gradientDifference(Tensors{row(1.0, 2.0)}, Tensors{}), c10::Error);
    EXPECT_THROW((void)gradientDifference(Tensors{row(1.0, 2.0)}, Tensors{at::ones({3})}), c10::Error);
}

} // namespace
} // namespace dskd::bench
