#include "core/analysis/principal_axes.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace dskd::analysis
{
namespace
{

// 12 states of width 6 that differ most along two given directions.
at::Tensor states()
{
    const at::Tensor steps = at::arange(12, at::kDouble);
    const at::Tensor u = at::tensor({3.0, 0.0, 4.0, 0.0, 0.0, 0.0}, at::kDouble) / 5.0;
    const at::Tensor v = at::tensor({0.0, 1.0, 0.0, 0.0, -1.0, 0.0}, at::kDouble) / std::sqrt(2.0);
    return at::outer(at::sin(steps * 1.3) * 5.0, u) + at::outer(at::cos(steps * 0.7) * 2.0, v) +
           at::sin(at::arange(72, at::kDouble) * 0.9).reshape({12, 6}) * 0.05 + 7.0;
}

void expectOrthonormal(const PrincipalAxes& axes)
{
    const at::Tensor products = at::mm(axes.axes, axes.axes.t());
    EXPECT_TRUE(at::allclose(products, at::eye(2, at::kDouble), 0.0, 1e-12)) << products;
}

TEST(PrincipalAxes, AreTheEigenvectorsOfTheCovariance)
{
    const at::Tensor fitted = states();
    const PrincipalAxes axes = fitAxes(fitted).value();
    expectOrthonormal(axes);
    EXPECT_TRUE(at::allclose(axes.center, fitted.mean(0), 0.0, 1e-12));
    const at::Tensor centered = fitted - fitted.mean(0);
    const at::Tensor covariance = at::mm(centered.t(), centered);
    double before = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 2; ++i) {
        const at::Tensor turned = at::mv(covariance, axes.axes[i]);
        const double value = at::dot(turned, axes.axes[i]).item<double>();
        EXPECT_TRUE(at::allclose(turned, axes.axes[i] * value, 1e-9, 1e-9)) << "axis " << i;
        EXPECT_NEAR(axes.explained[static_cast<std::size_t>(i)], value / covariance.trace().item<double>(), 1e-12);
        EXPECT_LT(value, before);
        before = value;
        const at::Tensor magnitudes = axes.axes[i].abs();
        EXPECT_GT(axes.axes[i][magnitudes.argmax().item<std::int64_t>()].item<double>(), 0.0);
    }
    EXPECT_GT(axes.explained[0] + axes.explained[1], 0.99);
}

TEST(PrincipalAxes, GiveBackStatesOfAPlane)
{
    const at::Tensor inPlane = at::sin(at::arange(20, at::kDouble) * 0.77).reshape({10, 2});
    const at::Tensor plane = at::tensor({0.6, 0.0, 0.8, 0.0, 1.0, 0.0}, at::kDouble).reshape({2, 3});
    const at::Tensor fitted = at::mm(inPlane, plane) + 3.0;
    const PrincipalAxes axes = fitAxes(fitted).value();
    EXPECT_NEAR(axes.explained[0] + axes.explained[1], 1.0, 1e-12);
    const at::Tensor places = projectOnto(axes, fitted);
    EXPECT_TRUE(at::allclose(at::mm(places, axes.axes) + axes.center, fitted, 0.0, 1e-10));
    EXPECT_TRUE(at::allclose(places.mean(0), at::zeros({2}, at::kDouble), 0.0, 1e-12));
}

TEST(PrincipalAxes, StayWhereTheyAreForLaterStates)
{
    const PrincipalAxes axes = fitAxes(states()).value();
    const at::Tensor moved = states() + axes.axes[1] * 2.5;
    const at::Tensor by = projectOnto(axes, moved) - projectOnto(axes, states());
    EXPECT_TRUE(at::allclose(by, at::tensor({0.0, 2.5}, at::kDouble).expand({12, 2}), 0.0, 1e-10));
}

TEST(PrincipalAxes, AreCompleteWhereTheStatesDifferInFewerDirections)
{
    const PrincipalAxes one = fitAxes(at::tensor({1.0, 2.0, 3.0}, at::kDouble).reshape({1, 3})).value();
    expectOrthonormal(one);
    EXPECT_EQ(one.explained[0], 0.0);
    const at::Tensor line = at::outer(at::arange(5, at::kDouble), at::tensor({1.0, 2.0, 2.0}, at::kDouble));
    const PrincipalAxes axes = fitAxes(line).value();
    expectOrthonormal(axes);
    EXPECT_NEAR(axes.explained[0], 1.0, 1e-12);
    EXPECT_NEAR(axes.explained[1], 0.0, 1e-12);
    EXPECT_TRUE(at::allclose(axes.axes[0], at::tensor({1.0, 2.0, 2.0}, at::kDouble) / 3.0, 0.0, 1e-12));
}

TEST(PrincipalAxes, AreNoneForNoStatesAndForThoseThatAreNotFinite)
{
    EXPECT_FALSE(fitAxes(at::zeros({0, 4})));
    at::Tensor broken = states();
    broken[3][2] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(fitAxes(broken));
    const at::Tensor places = projectOnto(fitAxes(states()).value(), broken);
    EXPECT_TRUE(std::isnan(places[3][0].item<double>()));
    EXPECT_TRUE(std::isfinite(places[2][0].item<double>()));
}

TEST(PrincipalAxes, NameTheShapesThatDisagree)
{
    EXPECT_THROW((void)fitAxes(at::zeros({4})), c10::Error);
    EXPECT_THROW((void)projectOnto(fitAxes(states()).value(), at::zeros({2, 5})), c10::Error);
}

} // namespace
} // namespace dskd::analysis
