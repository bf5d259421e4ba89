#include "core/store/thinned_points.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <limits>

namespace dskd::store
{
namespace
{

using testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

MetricPoint pointAt(std::int64_t step, double value)
{
    return {step, step, 10 * step, 0.5 * static_cast<double>(step), value};
}

double wave(std::int64_t step)
{
    return 2.0 + std::sin(0.01 * static_cast<double>(step));
}

bool has(const MetricColumns& points, std::int64_t step, double value)
{
    const auto at = std::lower_bound(points.steps.begin(), points.steps.end(), step) - points.steps.begin();
    const auto place = static_cast<std::size_t>(at);
    return place < points.size() && points.steps[place] == step && points.values[place] == value;
}

TEST(ThinnedPoints, KeepsEveryPointOfAShortSeries)
{
    ThinnedPoints points(4);
    for (std::int64_t step = 1; step <= 8; ++step) {
        points.add(pointAt(step, wave(step)));
    }
    EXPECT_FALSE(points.thinned());
    const MetricColumns shown = points.points();
    ASSERT_EQ(shown.size(), 8U);
    for (std::size_t i = 0; i < 8; ++i) {
        const auto step = static_cast<std::int64_t>(i) + 1;
        EXPECT_EQ(shown.steps[i], step);
        EXPECT_EQ(shown.tokens[i], 10 * step);
        EXPECT_EQ(shown.times[i], 0.5 * static_cast<double>(step));
        EXPECT_EQ(shown.values[i], wave(step));
    }
}

TEST(ThinnedPoints, KeepsOneSpikeInAMillionPointsAtEveryWidth)
{
    constexpr std::int64_t kPoints = 1'000'000;
    for (const std::size_t buckets : {2U, 100U, 4096U}) {
        for (const std::int64_t spike : {std::int64_t{1}, std::int64_t{123'457}, kPoints}) {
            ThinnedPoints points(buckets);
            for (std::int64_t step = 1; step <= kPoints; ++step) {
                points.add(pointAt(step, step == spike ? 1e6 : wave(step)));
            }
            const MetricColumns shown = points.points();
            EXPECT_TRUE(has(shown, spike, 1e6)) << spike << " with " << buckets << " buckets";
            EXPECT_LE(shown.size(), 2 * buckets + 2);
            EXPECT_GE(shown.size(), buckets / 2) << "no more is left out than has to be";
            EXPECT_EQ(shown.steps.front(), 1);
            EXPECT_EQ(shown.steps.back(), kPoints);
            EXPECT_TRUE(std::is_sorted(shown.steps.begin(), shown.steps.end()));
            EXPECT_EQ(points.count(), kPoints);
        }
    }
}

TEST(ThinnedPoints, KeepsLeastAndGreatestOfEveryPartAsTheyWereRecorded)
{
    constexpr std::int64_t kPoints = 10'000;
    constexpr std::int64_t kBucket = 16; // 10,000 points in at most 1,000 buckets of 4, 8 or 16 points
    ThinnedPoints points(1000);
    std::vector<double> recorded;
    for (std::int64_t step = 0; step < kPoints; ++step) {
        recorded.push_back(std::sin(static_cast<double>(step * step)));
        points.add(pointAt(step, recorded.back()));
    }
    const MetricColumns shown = points.points();
    for (std::int64_t first = 0; first < kPoints; first += kBucket) {
        const auto begin = recorded.begin() + first;
        const auto [least, greatest] = std::minmax_element(begin, begin + std::min(kBucket, kPoints - first));
        EXPECT_TRUE(has(shown, least - recorded.begin(), *least)) << first;
        EXPECT_TRUE(has(shown, greatest - recorded.begin(), *greatest)) << first;
    }
    for (std::size_t i = 0; i < shown.size(); ++i) {
        EXPECT_EQ(shown.values[i], recorded[static_cast<std::size_t>(shown.steps[i])]);
    }
}

TEST(ThinnedPoints, CountsPointsThatAreNotFiniteAndKeepsTheFirstOfEachKind)
{
    ThinnedPoints points(2);
    for (std::int64_t step = 1; step <= 1000; ++step) {
        const double value = step == 7     ? kNan
                             : step == 8   ? -kInfinity
                             : step == 9   ? kInfinity
                             : step == 600 ? kNan
                             : step == 601 ? kNan
                                           : wave(step);
        points.add(pointAt(step, value));
    }
    ASSERT_TRUE(points.thinned());
    EXPECT_EQ(points.notFinite(), 5);
    const MetricColumns shown = points.points();
    std::vector<std::int64_t> odd;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        if (!std::isfinite(shown.values[i])) {
            odd.push_back(shown.steps[i]);
        }
    }
    EXPECT_THAT(odd, ElementsAre(7, 8, 9, 600));
}

TEST(ThinnedPoints, ShowsASeriesOfNothingButNan)
{
    ThinnedPoints points(2);
    for (std::int64_t step = 1; step <= 100; ++step) {
        points.add(pointAt(step, kNan));
    }
    const MetricColumns shown = points.points();
    EXPECT_EQ(shown.steps.front(), 1);
    EXPECT_EQ(shown.steps.back(), 100);
    EXPECT_TRUE(std::all_of(shown.values.begin(), shown.values.end(), [](double value) { return std::isnan(value); }));
}

TEST(ThinnedPoints, DropsWhatAResumeMadeVoid)
{
    ThinnedPoints points(4);
    for (std::int64_t step = 1; step <= 8; ++step) {
        points.add(pointAt(step, step == 8 ? kNan : 1.0));
    }
    points.dropAfter(5);
    EXPECT_EQ(points.count(), 5);
    EXPECT_EQ(points.notFinite(), 0);
    EXPECT_THAT(points.points().steps, ElementsAre(1, 2, 3, 4, 5));
}

} // namespace
} // namespace dskd::store
