#include "tests/ui/viz/wave.h"
#include "viz/axis_range.h"
#include "viz/axis_scale.h"
#include "viz/axis_texts.h"
#include "viz/decimate.h"
#include "viz/plot_frame.h"
#include "viz/value_at.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <limits>

namespace dskd::viz
{
namespace
{

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Decimate, KeepsAPlantedSpikeAtEveryZoom)
{
    auto points = wave(1'000'000);
    points[654'321].setY(50.0);
    for (const double half : {500'000.0, 50'000.0, 1'000.0, 30.0}) {
        const Decimated drawn = decimate(points, 654'321 - half, 654'321 + half, 800);
        EXPECT_LE(drawn.points.size(), 2U * 800 + 2);
        EXPECT_TRUE(std::any_of(drawn.points.begin(), drawn.points.end(), [](const QPointF& p) {
            return p.y() == 50.0;
        })) << half;
    }
}

TEST(Decimate, KeepsOrderAndReachesBeyondBothEdges)
{
    const auto points = wave(10'000);
    const Decimated drawn = decimate(points, 100.5, 9000.5, 200);
    EXPECT_TRUE(std::is_sorted(drawn.points.begin(), drawn.points.end(),
                               [](const QPointF& a, const QPointF& b) { return a.x() < b.x(); }));
    EXPECT_EQ(drawn.points.front().x(), 100);
    EXPECT_EQ(drawn.points.back().x(), 9001);
    EXPECT_EQ(drawn.visible, 8900U);
}

TEST(Decimate, LeavesOutWhatIsNotFiniteAndListsItApart)
{
    auto points = wave(1000);
    points[412].setY(kNaN);
    points[700].setY(INFINITY);
    const Decimated drawn = decimate(points, 0, 999, 2000);
    EXPECT_EQ(drawn.points.size(), 998U);
    EXPECT_EQ(drawn.notFinite, 2U);
    ASSERT_EQ(drawn.skippedAt.size(), 2U);
    EXPECT_EQ(drawn.skippedAt[0].x(), 412);
    EXPECT_TRUE(std::isinf(drawn.skippedAt[1].y()));
}

TEST(Decimate, CountsEveryPointALogAxisCannotShowAndKeepsTheLeastPositive)
{
    std::vector<QPointF> points;
    for (int i = 0; i < 1000; ++i) {
        points.emplace_back(i, i % 2 == 0 ? -1.0 : 1.0 + i * 1e-3);
    }
    const Decimated drawn = decimate(points, 0, 999, 10, true);
    EXPECT_EQ(drawn.notPositive, 500U);
    EXPECT_EQ(drawn.notFinite, 0U);
    EXPECT_EQ(drawn.skippedAt.size(), 10U);
    EXPECT_EQ(drawn.points.front().y(), 1.001);
}

TEST(Decimate, HasColumnsOfEqualWidthOnALogAxis)
{
    std::vector<QPointF> points;
    for (int i = 0; i <= 10'000; ++i) {
        points.emplace_back(i, i % 2);
    }
    const Decimated drawn = decimate(points, 1, 10'000, 4, false, true);
    const auto inDecade = [&](double from, double to) {
        return std::count_if(drawn.points.begin(), drawn.points.end(),
                             [&](const QPointF& point) { return point.x() >= from && point.x() < to; });
    };
    EXPECT_EQ(inDecade(1, 10), 2);
    EXPECT_EQ(inDecade(10, 100), 2);
    EXPECT_EQ(inDecade(0, 1), 0) << "0 has no place";
}

TEST(ValueAt, IsOnTheStraightLineBetweenTwoPoints)
{
    const std::vector<QPointF> points{{0, 1.0}, {10, 3.0}, {20, kNaN}, {30, 7.0}};
    const auto between = valueAt(points, 4.0, 0.1, false, false);
    ASSERT_TRUE(between);
    EXPECT_DOUBLE_EQ(between->at.y(), 1.8);
    EXPECT_FALSE(between->recorded());
    const auto overTheGap = valueAt(points, 15.0, 0.1, false, false);
    ASSERT_TRUE(overTheGap);
    EXPECT_DOUBLE_EQ(overTheGap->at.y(), 4.0) << "the line is drawn over what is not finite";
    const auto near = valueAt(points, 9.95, 0.1, false, false);
    ASSERT_TRUE(near);
    EXPECT_TRUE(near->recorded());
    EXPECT_EQ(near->at, QPointF(10, 3.0));
}

TEST(ValueAt, IsNoneBesideTheLine)
{
    const std::vector<QPointF> points{{10, 1.0}, {20, 3.0}, {30, kNaN}};
    EXPECT_FALSE(valueAt(points, 9.0, 0.1, false, false));
    EXPECT_FALSE(valueAt(points, 25.0, 0.1, false, false)) << "nothing is drawn behind the last finite point";
    EXPECT_FALSE(valueAt({}, 1.0, 0.1, false, false));
    const auto broken = valueAt(points, 30.0, 0.1, false, false);
    ASSERT_TRUE(broken);
    EXPECT_FALSE(broken->drawn);
    EXPECT_TRUE(std::isnan(broken->at.y()));
}

TEST(ValueAt, FollowsTheAxes)
{
    const std::vector<QPointF> points{{1, 1.0}, {50, -1.0}, {100, 100.0}};
    const auto logs = valueAt(points, 10.0, 0.01, true, true);
    ASSERT_TRUE(logs);
    EXPECT_NEAR(logs->at.y(), 10.0, 1e-9);
    const auto negative = valueAt(points, 50.0, 0.01, true, true);
    ASSERT_TRUE(negative);
    EXPECT_FALSE(negative->drawn);
}

TEST(PlotFrame, FindsBackWhatItPlaced)
{
    PlotRange range;
    range.xMin = 1.0;
    range.xMax = 1000.0;
    range.yMin = 0.01;
    range.yMax = 100.0;
    range.logX = range.logY = true;
    const PlotFrame frame = layOutPlot(range, QRectF(10, 20, 400, 300), QFont());
    EXPECT_NEAR(frame.toX(10.0) - frame.toX(1.0), frame.plot.width() / 3.0, 1e-9);
    EXPECT_NEAR(frame.dataX(frame.toX(37.0)), 37.0, 1e-9);
    EXPECT_NEAR(frame.dataY(frame.toY(0.5)), 0.5, 1e-9);
    EXPECT_TRUE(QRectF(10, 20, 400, 300).contains(frame.plot));
}

TEST(PlotFrame, NumbersItsYAxisInTheUnitThatIsShown)
{
    PlotRange range;
    range.yMin = 0.1;
    range.yMax = 0.4;
    range.yFactor = 100.0;
    range.ySuffix = "%";
    const PlotFrame frame = layOutPlot(range, QRectF(0, 0, 400, 300), QFont());
    ASSERT_GT(frame.yTicks.size(), 2U);
    for (const Tick& tick : frame.yTicks) {
        ASSERT_TRUE(tick.text.endsWith(" %")) << tick.text.toStdString();
        EXPECT_NEAR(tick.text.chopped(2).toDouble(), 100.0 * tick.value, 1e-9);
        EXPECT_GE(tick.value, range.yMin - 1e-9);
        EXPECT_LE(tick.value, range.yMax + 1e-9);
    }
}

std::vector<std::string> texts(const std::vector<Tick>& ticks)
{
    std::vector<std::string> result;
    for (const Tick& tick : ticks) {
        result.push_back(tick.text.toStdString());
    }
    return result;
}

TEST(Ticks, AreRoundAndHaveJustTheDigitsThatTellThemApart)
{
    EXPECT_THAT(texts(linearTicks(0, 1, 5)), testing::ElementsAre("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"));
    EXPECT_THAT(texts(linearTicks(6.15, 6.19, 4)), testing::ElementsAre("6.15", "6.16", "6.17", "6.18", "6.19"));
    EXPECT_THAT(texts(linearTicks(0, 2'000'000, 4)), testing::ElementsAre("0", "500k", "1.0M", "1.5M", "2.0M"));
    EXPECT_GE(linearTicks(6.04, 6.95, 4).size(), 3U) << "one number says nothing about a scale";
    EXPECT_TRUE(linearTicks(1, 1, 5).empty());
}

TEST(Ticks, OfALogAxisArePowersAndWithinADecadeLinear)
{
    EXPECT_THAT(texts(logTicks(0.01, 100, 5)), testing::ElementsAre("0.01", "0.1", "1", "10", "100"));
    EXPECT_THAT(texts(logTicks(2, 8, 4)), testing::ElementsAre("2", "4", "6", "8"));
    EXPECT_TRUE(logTicks(0, 10, 5).empty());
}

TEST(Ticks, OfStepsAreWholeNumbers)
{
    EXPECT_THAT(texts(wholeTicks(99, 101, 7)), testing::ElementsAre("99", "100", "101"));
    EXPECT_THAT(texts(wholeTicks(0, 3, 7)), testing::ElementsAre("0", "1", "2", "3"));
    EXPECT_THAT(texts(wholeTicks(0, 300, 3)), testing::ElementsAre("0", "100", "200", "300"));
}

// The numbers below an axis of `pixels`, which shows steps from 1 to `steps`, and "step" at its right end.
AxisTexts below(double steps, double pixels)
{
    const auto [low, high] = stepRange(1, steps);
    std::vector<AxisText> numbers;
    for (const Tick& tick : wholeTicks(low, high, 5)) {
        numbers.push_back(
            {40 + (tick.value - low) / (high - low) * pixels, 8.0 * static_cast<double>(tick.text.size()), tick.text});
    }
    return placeTexts(numbers, 40, 40 + pixels, 44, 6);
}

TEST(AxisTexts, OfFewStepsAreAtLeastTwoNumbersAndTheTitle)
{
    for (const int steps : {1, 2, 3, 4, 300}) {
        const AxisTexts texts = below(steps, 400);
        ASSERT_GE(texts.numbers.size(), 2U) << steps;
        ASSERT_TRUE(texts.titleRight) << steps;
        double free = 40;
        for (const AxisText& number : texts.numbers) {
            EXPECT_GE(number.x, free) << steps;
            free = number.x + number.width;
            EXPECT_TRUE(free <= *texts.titleRight - 44 || number.x >= *texts.titleRight) << steps << ": on the title";
        }
        EXPECT_LE(free, 440) << steps;
    }
    const AxisTexts two = below(2, 400);
    EXPECT_EQ(two.numbers.front().text, QStringLiteral("1"));
    EXPECT_EQ(two.numbers.back().text, QStringLiteral("2"));
    EXPECT_EQ(two.numbers.front().x, 40) << "within the axis";
    EXPECT_EQ(two.numbers.back().x + two.numbers.back().width, 440);
}

TEST(AxisTexts, OfManyStepsKeepTheTitleAtTheEnd)
{
    EXPECT_EQ(below(300, 400).titleRight, 440);
    EXPECT_FALSE(below(2, 40).titleRight) << "two numbers leave no room";
}

TEST(ValueRange, OfAConstantIsAroundItAndNotAsNarrowAsRounding)
{
    using testing::DoubleEq;
    using testing::Pair;
    EXPECT_EQ(valueRange(0.0, 0.0, false), std::pair(-1.0, 1.0));
    EXPECT_THAT(valueRange(2.0, 2.0, false), Pair(DoubleEq(1.9), DoubleEq(2.1)));
    EXPECT_THAT(valueRange(-2.0, -2.0, false), Pair(DoubleEq(-2.1), DoubleEq(-1.9)));
    EXPECT_THAT(valueRange(1e-4, 1e-4, false), Pair(DoubleEq(0.95e-4), DoubleEq(1.05e-4))) << "a learning rate";
    EXPECT_GT(valueRange(1.0, 1.0 + 1e-15, false).second, 1.04) << "equal but for rounding";
    EXPECT_THAT(valueRange(2.0, 2.0, true), Pair(DoubleEq(1.0), DoubleEq(4.0)));
}

TEST(ValueRange, OfSeveralValuesIsALittleLarger)
{
    using testing::DoubleEq;
    using testing::Pair;
    EXPECT_THAT(valueRange(0.0, 100.0, false), Pair(DoubleEq(-4.0), DoubleEq(104.0)));
    const auto [low, high] = valueRange(1.0, 100.0, true);
    EXPECT_DOUBLE_EQ(low * high, 100.0) << "by the same factor at both ends";
    EXPECT_LT(low, 1.0);
    EXPECT_GT(low, 0.5);
}

TEST(StepRange, OfOnePointIsAStepAtEitherSideButNotBelowZero)
{
    EXPECT_EQ(stepRange(40, 40), std::pair(39.0, 41.0));
    EXPECT_EQ(stepRange(0, 0), std::pair(0.0, 1.0));
    EXPECT_EQ(stepRange(10, 300), std::pair(10.0, 300.0));
}

TEST(Ticks, OfTimeAreMinutesAndHours)
{
    EXPECT_THAT(texts(secondTicks(0, 90, 3)), testing::ElementsAre("0", "30 s", "60 s", "90 s"));
    EXPECT_THAT(texts(secondTicks(0, 7200, 4)), testing::ElementsAre("0", "30 m", "60 m", "90 m", "120 m"));
}

} // namespace
} // namespace dskd::viz
