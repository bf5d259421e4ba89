#include "core/distill/optimal_transport.h"

#include "tests/support/random_tensors.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

namespace dskd::distill
{
namespace
{

using at::Tensor;
using testing::HasSubstr;

Tensor points(std::initializer_list<double> values, std::int64_t width)
{
    return at::tensor(std::vector<double>(values), at::kDouble).reshape({-1, width});
}

double divergence(const Tensor& x, const Tensor& y, double epsilon = 0.5, std::int64_t iterations = 500)
{
    return sinkhornDivergence(x, y, epsilon, iterations).item<double>();
}

TEST(SquaredDistances, AreThoseOfPythagorasAndNeverNegative)
{
    const Tensor x = points({0, 0, 3, 4}, 2);
    const Tensor y = points({0, 0, 0, 4, 3, 0}, 2);
    support::expectNear(squaredDistances(x, y), points({0, 16, 9, 25, 9, 16}, 3), 1e-12, "distances");
    support::Draw draw(1);
    const Tensor far = (draw.normal({50, 8}) + 1000.0).to(at::kFloat);
    EXPECT_GE(squaredDistances(far, far).min().item<float>(), 0.0f);
    EXPECT_LT(squaredDistances(far, far).diagonal().max().item<float>(), 1e-4f) << "the offset must not matter";
}

TEST(Sinkhorn, IsZeroForOneCloudAndGreaterForOthers)
{
    support::Draw draw(3);
    const Tensor x = draw.normal({12, 4});
    EXPECT_NEAR(divergence(x, x), 0.0, 1e-12);
    EXPECT_NEAR(divergence(x, x.flip(0)), 0.0, 1e-10) << "a cloud has no order";
    EXPECT_NEAR(divergence(x, at::cat({x, x}, 0)), 0.0, 1e-10) << "every point twice is the same cloud";
    EXPECT_GT(divergence(x, draw.normal({12, 4})), 1e-2);
}

TEST(Sinkhorn, DoesNotDependOnTheOrderOfThePointsNorOnWhichCloudIsFirst)
{
    support::Draw draw(3);
    const Tensor x = draw.normal({9, 4});
    const Tensor y = draw.normal({7, 4}) + 0.5;
    const double expected = divergence(x, y);
    EXPECT_NEAR(divergence(x.roll(4, 0), y.flip(0)), expected, 1e-12);
    EXPECT_NEAR(divergence(y, x), expected, 1e-10);
}

TEST(Sinkhorn, IsTheSquaredShiftPerFeatureOfAMovedCloud)
{
    support::Draw draw(3);
    const Tensor x = draw.normal({9, 4});
    const Tensor shift = points({1, 0, -2, 0.5}, 4);
    // For squared costs entropy changes nothing about a shift: the plan is the same, the cross terms cancel.
    EXPECT_NEAR(divergence(x, x + shift, 0.5, 3000), shift.square().sum().item<double>() / 4, 1e-8);
    EXPECT_NEAR(divergence(points({0, 0}, 2), points({3, 4}, 2)), 12.5, 1e-12) << "one point to another";
}

TEST(Sinkhorn, ApproachesTheAssignmentOfLeastCostWithoutRegularisation)
{
    const Tensor x = points({0, 1, 4}, 1);
    const Tensor y = points({5, 0.5, 1}, 1);
    // sorted: 0-0.5, 1-1, 4-5
    EXPECT_NEAR(divergence(x, y, 0.002, 20000), (0.25 + 0.0 + 1.0) / 3, 1e-3);
}

TEST(Sinkhorn, HasTheGradientOfFiniteDifferences)
{
    support::Draw draw(3);
    const Tensor x = draw.normal({5, 3}).requires_grad_(true);
    const Tensor y = draw.normal({7, 3}) + 0.3;
    sinkhornDivergence(x, y, 0.5, 1000).backward();
    const Tensor point = x.detach();
    // The regularisation follows the mean cost, a constant to the gradient: it is held while the points move.
    const double regularisation = 0.5 * squaredDistances(point, y).mean().item<double>();
    const auto valueAt = [&](const Tensor& moved) {
        return divergence(moved, y, regularisation / squaredDistances(moved, y).mean().item<double>(), 1000);
    };
    constexpr double h = 1e-4;
    for (std::int64_t i = 0; i < point.numel(); ++i) {
        Tensor step = at::zeros_like(point);
        step.view({-1})[i] = h;
        EXPECT_NEAR(x.grad().view({-1})[i].item<double>(), (valueAt(point + step) - valueAt(point - step)) / (2 * h),
                    1e-7)
            << i;
    }
}

TEST(Sinkhorn, StaysFiniteForPointsThatCoincideAndForLargeCosts)
{
    const Tensor same = at::ones({4, 3}).requires_grad_(true);
    const Tensor value = sinkhornDivergence(same, at::ones({2, 3}), 0.1, 50);
    value.backward();
    EXPECT_EQ(value.item<float>(), 0.0f);
    EXPECT_TRUE(same.grad().isfinite().all().item<bool>());
    const Tensor far = points({1e6, -1e6}, 1);
    EXPECT_TRUE(std::isfinite(divergence(far, points({0, 3e6}, 1), 0.01, 100)));
}

// The message that names the shapes.
template <typename Call>
std::string complaint(const Call& call)
{
    try {
        (void)call();
    } catch (const c10::Error& error) {
        return error.what();
    }
    return "accepted";
}

TEST(Sinkhorn, NamesCloudsThatHaveNoTransport)
{
    EXPECT_THAT(complaint([] {
                    return sinkhornDivergence(at::ones({2, 3}), at::ones({2, 4}), 0.1, 5);
                }),
                HasSubstr("clouds [2, 3] and [2, 4]"));
    EXPECT_THAT(complaint([] {
                    return sinkhornDivergence(at::ones({0, 3}), at::ones({2, 3}), 0.1, 5);
                }),
                HasSubstr("clouds [0, 3] and [2, 3]"));
}

TEST(SquaredDistances, NameCloudsThatHaveNone)
{
    EXPECT_THAT(complaint([] {
                    return squaredDistances(at::ones({2, 1}), at::ones({2, 4}));
                }),
                HasSubstr("points [2, 1] and [2, 4]"));
    EXPECT_THAT(complaint([] {
                    return squaredDistances(at::ones({2, 3}), at::ones({0, 3}));
                }),
                HasSubstr("points [2, 3] and [0, 3]"));
}

TEST(ConditionalTransport, NamesCostsAndAffinitiesOfOtherClouds)
{
    EXPECT_THAT(complaint([] {
                    return conditionalTransport(at::ones({2, 3}), at::ones({1, 3}));
                }),
                HasSubstr("costs [2, 3] and affinities [1, 3]"));
    EXPECT_THAT(complaint([] {
                    return conditionalTransport(at::ones({0, 3}), at::ones({0, 3}));
                }),
                HasSubstr("costs [0, 3] and affinities [0, 3]"));
}

TEST(ConditionalTransport, IsTheMeanCostWhenNobodyPrefersAnyone)
{
    const Tensor cost = points({1, 2, 3, 4, 5, 6}, 3);
    EXPECT_NEAR(conditionalTransport(cost, at::zeros_like(cost)).item<double>(), 3.5, 1e-12);
}

TEST(ConditionalTransport, IsTheCostOfTheWaysThatAreTaken)
{
    const Tensor cost = points({1, 2, 3, 4, 5, 6}, 3);
    const Tensor affinity = points({500, 0, 0, 0, 0, 300}, 3);
    // rows go to columns 0 and 2: (1 + 6) / 2; columns to rows 0, both alike, and 1: (1 + (2 + 5) / 2 + 6) / 3
    EXPECT_NEAR(conditionalTransport(cost, affinity).item<double>(), 0.5 * 3.5 + 0.5 * (10.5 / 3), 1e-12);
}

} // namespace
} // namespace dskd::distill
