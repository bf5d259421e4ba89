// Which part of its curves a chart shows: boxes, wheel, keys, charts that follow one another.

#include "tests/ui/viz/chart_fixture.h"

#include <QSignalSpy>
#include <cmath>
#include <gmock/gmock.h>

namespace dskd::viz
{
namespace
{

using testing::Contains;
using testing::HasSubstr;

TEST_F(Chart, ABoxZoomsAndADoubleClickShowsEverything)
{
    chart.setCurves({curve("a", 1000)});
    settle();
    const QSignalSpy changed(&chart, &CurveChart::partChanged);
    drag(inPlot(0.2, 0.1), inPlot(0.4, 0.9));
    settle();
    ASSERT_TRUE(chart.part());
    EXPECT_EQ(changed.count(), 1);
    EXPECT_NEAR(chart.part()->first, 200.0, 60.0);
    EXPECT_NEAR(chart.part()->second, 400.0, 60.0);
    const PlotRange range = chart.picture(100).range;
    EXPECT_LT(range.yMax, 5.0) << "the box's height too: all values reach from 4.001 to 5";
    QTest::mouseDClick(&chart, Qt::LeftButton, {}, inPlot(0.5, 0.5));
    EXPECT_FALSE(chart.part());
    EXPECT_GT(chart.picture(100).range.yMax, 5.0);
}

TEST_F(Chart, AClickIsNoBox)
{
    chart.setCurves({curve("a", 1000)});
    settle();
    QTest::mouseClick(&chart, Qt::LeftButton, {}, inPlot(0.5, 0.5));
    EXPECT_FALSE(chart.part());
}

TEST_F(Chart, TheWheelZoomsAtThePointerAndWithShiftMoves)
{
    chart.setCurves({curve("a", 1000)});
    settle();
    QTest::mouseMove(&chart, inPlot(0.25, 0.5));
    ASSERT_TRUE(chart.crosshair());
    const double under = *chart.crosshair();
    wheel(inPlot(0.25, 0.5), 2);
    settle();
    ASSERT_TRUE(chart.part());
    const auto [low, high] = *chart.part();
    EXPECT_NEAR((under - low) / (high - low), under / 999.0, 0.01) << "what is under the pointer stays there";
    EXPECT_NEAR(high - low, 999.0 * 0.64, 1.0);
    wheel(inPlot(0.25, 0.5), -1, Qt::ShiftModifier);
    EXPECT_GT(chart.part()->first, low);
    EXPECT_NEAR(chart.part()->second - chart.part()->first, high - low, 1e-6);
}

TEST_F(Chart, ZoomsALogAxisByFactors)
{
    chart.setCurves({curve("a", 10'001)});
    chart.setLogX(true);
    settle();
    chart.setCrosshair(100.0);
    QTest::keyClick(&chart, Qt::Key_Plus);
    ASSERT_TRUE(chart.part());
    EXPECT_NEAR(chart.part()->first, std::pow(10.0, 2.0 - 2.0 * 0.8), 1e-6);
    EXPECT_NEAR(chart.part()->second, std::pow(10.0, 2.0 + 2.0 * 0.8), 1e-3);
}

TEST_F(Chart, TakesThePartOfAnotherChartWithoutAnswering)
{
    chart.setCurves({curve("a", 100)});
    settle();
    const QSignalSpy changed(&chart, &CurveChart::partChanged);
    chart.setPart(std::pair(500.0, 600.0));
    settle();
    EXPECT_EQ(changed.count(), 0);
    EXPECT_TRUE(plot().isVisible()) << "nothing there, but the chart is not empty";
    QTest::keyClick(&chart, Qt::Key_Right); // nothing to step to
    wheel(inPlot(0.5, 0.5), -40);
    EXPECT_FALSE(chart.part());
}

TEST_F(Chart, KeepsItsZoomWhileCurvesGrow)
{
    chart.setCurves({curve("a", 1000)});
    settle();
    QTest::keyClick(&chart, Qt::Key_Plus);
    settle();
    EXPECT_THAT(labels(), Contains(HasSubstr("a part")));
    chart.setCurves({curve("a", 1100)});
    settle();
    EXPECT_THAT(labels(), Contains(HasSubstr("a part")));
    QTest::keyClick(&chart, Qt::Key_0);
    settle();
    EXPECT_THAT(labels(), testing::Not(Contains(HasSubstr("a part"))));
}

TEST_F(Chart, TogglesTheLogAxisWithL)
{
    const QSignalSpy spy(&chart, &CurveChart::logYChanged);
    QTest::keyClick(&chart, Qt::Key_L);
    EXPECT_TRUE(chart.logY());
    EXPECT_EQ(spy.count(), 1);
}

} // namespace
} // namespace dskd::viz
