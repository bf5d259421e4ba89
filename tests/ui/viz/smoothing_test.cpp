#include "viz/smoothing.h"

#include "tests/ui/viz/wave.h"

#include <cmath>
#include <cstddef>
#include <gmock/gmock.h>
#include <limits>

namespace dskd::viz
{
namespace
{

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Smoothing kEma{SmoothingKind::Ema, 0.9};

TEST(Smoother, OfAWindowIsTheMeanWrittenByHand)
{
    const std::vector<QPointF> points{{0, 1.0}, {1, 2.0}, {2, 4.0}, {3, kNaN}, {4, 8.0}, {5, 16.0}};
    Smoother running;
    const auto& mean = running.follow(points, {SmoothingKind::RunningMean, 0.5}); // 2 steps to either side
    ASSERT_EQ(mean.size(), points.size());
    EXPECT_DOUBLE_EQ(mean[0].y(), (1.0 + 2.0 + 4.0) / 3.0);
    EXPECT_DOUBLE_EQ(mean[2].y(), (1.0 + 2.0 + 4.0 + 8.0) / 4.0);
    EXPECT_TRUE(std::isnan(mean[3].y()));
    EXPECT_DOUBLE_EQ(mean[5].y(), (8.0 + 16.0) / 2.0);
    Smoother gaussian;
    const auto& soft = gaussian.follow(points, {SmoothingKind::Gaussian, 0.5});
    const auto weight = [](double d) { return std::exp(-d * d / 8.0); }; // width 2
    const double above = 1.0 + 2.0 * weight(1) + 4.0 * weight(2) + 8.0 * weight(4) + 16.0 * weight(5);
    EXPECT_NEAR(soft[0].y(), above / (1.0 + weight(1) + weight(2) + weight(4) + weight(5)), 1e-12);
}

// The kernel as smoothing.h writes it, over every point by itself.
double exactGaussian(const std::vector<QPointF>& points, std::size_t at, double width)
{
    double weighted = 0.0;
    double norm = 0.0;
    for (const QPointF& point : points) {
        const double distance = (point.x() - points[at].x()) / width;
        if (std::isfinite(point.y()) && std::abs(distance) <= 3.0) {
            const double weight = std::exp(-0.5 * distance * distance);
            weighted += weight * point.y();
            norm += weight;
        }
    }
    return weighted / norm;
}

TEST(Smoother, OfAGaussianIsNearTheExactKernelAtEverySpacing)
{
    for (const bool even : {true, false}) {
        std::vector<QPointF> points;
        double x = 0.0;
        for (int i = 0; i < 3000; ++i) {
            const double noise = 0.3 * std::sin(i * 12.9898);
            points.emplace_back(x, i % 97 == 5 ? kNaN : std::sin(x / 150.0) + noise);
            x += even || i < 40 ? 1.0 : 0.05 + 0.5 * (1.0 + std::sin(i * 0.01)); // the typical step is 1
        }
        Smoother smoother;
        const auto& smoothed = smoother.follow(points, {SmoothingKind::Gaussian, 0.98});
        for (std::size_t i = 0; i < points.size(); i += 7) {
            if (std::isfinite(points[i].y())) {
                EXPECT_NEAR(smoothed[i].y(), exactGaussian(points, i, 50.0), 0.003) << even << ' ' << i;
            }
        }
    }
}

TEST(Smoother, OfAWindowLeavesAConstantAlone)
{
    const std::vector<QPointF> points = [] {
        std::vector<QPointF> constant;
        for (int i = 0; i < 500; ++i) {
            constant.emplace_back(i, 0.7);
        }
        return constant;
    }();
    for (const SmoothingKind kind : {SmoothingKind::RunningMean, SmoothingKind::Gaussian}) {
        Smoother smoother;
        const auto& smoothed = smoother.follow(points, {kind, 0.97});
        for (std::size_t i = 0; i < smoothed.size(); ++i) {
            EXPECT_NEAR(smoothed[i].y(), 0.7, 1e-12) << i;
        }
    }
}

TEST(Smoother, OfAWindowIsLinearInThePointsWhateverTheStrength)
{
    const std::vector<QPointF> points = wave(1'000'000);
    for (const SmoothingKind kind : {SmoothingKind::RunningMean, SmoothingKind::Gaussian}) {
        Smoother smoother; // by the exact kernel these are 10^11 weights
        const auto& smoothed = smoother.follow(points, {kind, 0.99999});
        EXPECT_EQ(smoothed.size(), points.size());
    }
}

TEST(Smoother, OfAWindowGrowsAsIfMadeAtOnce)
{
    for (const SmoothingKind kind : {SmoothingKind::RunningMean, SmoothingKind::Gaussian}) {
        const std::vector<QPointF> points = wave(300);
        const Smoothing smoothing{kind, 0.9};
        Smoother growing;
        for (std::size_t size = 7; size <= points.size(); size += 50) {
            growing.follow(std::vector<QPointF>(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(size)),
                           smoothing);
        }
        growing.follow(points, smoothing);
        Smoother fresh;
        fresh.follow(points, smoothing);
        EXPECT_EQ(growing.smoothed(), fresh.smoothed());
    }
}

TEST(Smoother, OfAWindowForgetsASpikeThatItHasPassed)
{
    std::vector<QPointF> points = wave(100);
    points[20].setY(1e300);
    Smoother smoother;
    const auto& mean = smoother.follow(points, {SmoothingKind::RunningMean, 0.5});
    EXPECT_NEAR(mean[60].y(), points[60].y(), 1e-3);
}

TEST(SmoothingText, SaysKindAndWidth)
{
    EXPECT_EQ(textOf({SmoothingKind::Ema, 0.6}), QStringLiteral("EMA 0.6"));
    EXPECT_EQ(textOf({SmoothingKind::Gaussian, 0.9}), QStringLiteral("Gaussian, width 10 points"));
    EXPECT_TRUE(textOf({SmoothingKind::Off, 0.9}).isEmpty());
    EXPECT_TRUE(textOf({SmoothingKind::RunningMean, 0.0}).isEmpty());
}

TEST(Smoother, IsTheWeightedMeanWrittenByHand)
{
    Smoother smoother;
    const auto& smoothed =
        smoother.follow(std::vector<QPointF>{{0, 1.0}, {1, 2.0}, {2, 4.0}}, {SmoothingKind::Ema, 0.5});
    ASSERT_EQ(smoothed.size(), 3U);
    EXPECT_DOUBLE_EQ(smoothed[0].y(), 1.0);
    EXPECT_DOUBLE_EQ(smoothed[1].y(), (0.25 * 1 + 0.5 * 2) / 0.75);
    EXPECT_DOUBLE_EQ(smoothed[2].y(), (0.125 * 1 + 0.25 * 2 + 0.5 * 4) / 0.875);
}

TEST(Smoother, GrowsWithItsCurveAndEqualsAFreshStart)
{
    std::vector<QPointF> points = wave(500);
    Smoother growing;
    for (std::size_t size = 10; size <= points.size(); size += 70) {
        growing.follow(std::vector<QPointF>(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(size)), kEma);
    }
    Smoother fresh;
    EXPECT_EQ(growing.follow(points, kEma).back(), fresh.follow(points, kEma).back());
    points[3].setY(9.0);
    points.resize(100); // another curve now
    EXPECT_EQ(growing.follow(points, kEma).back(), Smoother().follow(points, kEma).back());
}

TEST(Smoother, PassesNaNOnAndIsNotDisturbedByIt)
{
    const auto smoothed = Smoother().follow(std::vector<QPointF>{{0, 1.0}, {1, kNaN}, {2, 1.0}}, kEma);
    EXPECT_TRUE(std::isnan(smoothed[1].y()));
    EXPECT_DOUBLE_EQ(smoothed[2].y(), 1.0);
}

} // namespace
} // namespace dskd::viz
