#include "viz/curve_chart.h"

#include "tests/ui/viz/chart_fixture.h"
#include "viz/chart_picture.h"
#include "viz/legend_strip.h"

#include <QClipboard>
#include <cmath>
#include <gmock/gmock.h>

namespace dskd::viz
{
namespace
{

using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Chart, SaysWhyItIsEmpty)
{
    chart.setEmptyText("No run is shown.");
    settle();
    EXPECT_THAT(labels(), Contains("No run is shown."));
}

TEST_F(Chart, TheReadoutCoversThePlotThatAppearsLater)
{
    QTest::qWait(20); // empty at first, its plot hidden
    chart.setCurves({curve("later", 20)});
    auto* area = chart.findChild<QWidget*>("plot");
    ASSERT_NE(area, nullptr);
    ASSERT_TRUE(QTest::qWaitFor([&] { return area->isVisible(); }));
    auto* readout = chart.findChild<QWidget*>("readout");
    ASSERT_NE(readout, nullptr);
    EXPECT_TRUE(QTest::qWaitFor([&] { return readout->geometry() == area->geometry(); }));
    EXPECT_GT(readout->width(), 200);
}

TEST_F(Chart, SaysHowManyPointsOfALongCurveItDraws)
{
    chart.setCurves({curve("a", 100'000)});
    settle();
    EXPECT_THAT(labels(), Contains(HasSubstr("of 100,000 drawn; extremes kept")));
}

TEST_F(Chart, OfACurveThatWasThinnedOutBeforeItCountsWhatWasRecorded)
{
    Curve thinned = curve("a", 10'000, 412);
    thinned.recorded = 2'000'000;
    thinned.notFinite = 9;
    chart.setCurves({thinned});
    settle();
    EXPECT_THAT(labels(), testing::Not(Contains(HasSubstr("drawn")))) << "how many of all it cannot know";
    EXPECT_THAT(labels(), Contains(HasSubstr("9 not finite, first at step 412")));
    EXPECT_EQ(chart.readings()[0].note, "9 not finite, first at step 412");
}

TEST_F(Chart, MarksWhatIsNotANumberAndCountsIt)
{
    Curve broken = curve("a", 1000, 412);
    std::vector<QPointF> points(broken.points.begin(), broken.points.end());
    points[700].setY(std::numeric_limits<double>::infinity());
    broken.points = std::move(points);
    chart.setCurves({broken});
    settle();
    EXPECT_THAT(labels(), Contains(HasSubstr("2 not finite, first at step 412")));
    ASSERT_EQ(chart.readings().size(), 1U);
    EXPECT_EQ(chart.readings()[0].note, "2 not finite, first at step 412") << "for the legend";
    const ChartPicture picture = chart.picture(2000);
    EXPECT_THAT(picture.leftOut.atBottom, testing::ElementsAre(LeftOut::Point{412.0, broken.color}));
    EXPECT_THAT(picture.leftOut.atTop, testing::ElementsAre(LeftOut::Point{700.0, broken.color}));
    EXPECT_THAT(labels(), Contains(StartsWith("\u25bc\u25b2 2 not finite"))) << "one of each";
}

TEST_F(Chart, CountsNotFinitePointsOfAGrowingCurveOnce)
{
    chart.setCurves({curve("a", 100, 42)});
    chart.setCurves({curve("a", 200, 42)});
    settle();
    EXPECT_THAT(labels(), Contains(HasSubstr("1 not finite, first at step 42")));
    chart.setCurves({curve("a", 30)});
    settle();
    EXPECT_THAT(labels(), testing::Not(Contains(HasSubstr("not finite"))));
}

TEST_F(Chart, OfALongBadgeTheEndIsCutAndTheToolTipHasAll)
{
    chart.resize(240, 300);
    chart.setCurves({curve("a", 100'000, 412)});
    settle();
    EXPECT_THAT(labels(), Contains(AllOf(StartsWith("\u25bc 1 not finite"), EndsWith("\u2026"))));
    std::vector<std::string> toolTips;
    for (const auto* label : chart.findChildren<QLabel*>()) {
        toolTips.push_back(label->toolTip().toStdString());
    }
    EXPECT_THAT(toolTips, Contains(AllOf(HasSubstr("1 not finite"), HasSubstr("extremes kept"))));
}

TEST_F(Chart, TheBadgeHasTheSymbolsThatStandInThePlot)
{
    chart.setCurves({curve("a", 1000, 412)});
    settle();
    EXPECT_THAT(labels(), Contains(StartsWith("\u25bc 1 not finite")));
    chart.setPart(std::pair(500.0, 900.0)); // without the point
    settle();
    EXPECT_THAT(labels(), Contains(StartsWith("1 not finite"))) << "counted all the same";
}

TEST_F(Chart, CountsWhatALogAxisCannotShow)
{
    Curve negative = curve("a", 10);
    std::vector<QPointF> points(negative.points.begin(), negative.points.end());
    points[3].setY(-1.0);
    negative.points = std::move(points);
    chart.setCurves({negative});
    chart.setLogY(true);
    chart.setLogX(true);
    settle();
    EXPECT_THAT(labels(), Contains(HasSubstr("1 not above 0 left out")));
    EXPECT_THAT(labels(), Contains(HasSubstr("1 at step 0 left out")));
    EXPECT_EQ(chart.picture(100).range.xMin, 1.0);
}

// Step 60 of a run that logs every 10 steps is drawn at 60, not where the pointer is.
TEST_F(Chart, DotsLieOnTheLine)
{
    Curve sparse = curve("sparse", 0);
    sparse.points = std::vector<QPointF>{{0, 1.0}, {50, 2.0}, {60, 4.0}, {100, 4.0}};
    chart.setCurves({sparse});
    settle();
    chart.setCrosshair(53.0);
    ASSERT_EQ(chart.readings().size(), 1U);
    ASSERT_TRUE(chart.readings()[0].y);
    EXPECT_DOUBLE_EQ(*chart.readings()[0].y, 2.6) << "between (50, 2) and (60, 4)";
    EXPECT_EQ(chart.readings()[0].value, QStringLiteral("\u22482.6"));
    EXPECT_EQ(readout().dots().size(), 1U);
    chart.setCrosshair(60.0);
    EXPECT_EQ(chart.readings()[0].value, "4");
}

TEST_F(Chart, ReadsItsValuesInTheUnitThatIsShown)
{
    Curve share = curve("share", 0);
    share.points = std::vector<QPointF>{{0, 0.25}, {10, 0.5}};
    share.deviations = std::vector<double>{0.01, 0.02};
    chart.setYTitle("%", 100.0);
    chart.setCurves({share});
    settle();
    chart.setCrosshair(10.0);
    ASSERT_EQ(chart.readings().size(), 1U);
    EXPECT_EQ(chart.readings()[0].value, QStringLiteral("50 \u00b1 2 %"));
    EXPECT_EQ(chart.readings()[0].y, 0.5) << "drawn where it was recorded";
    EXPECT_TRUE(chart.toCsv().contains(",0.5\n")) << "and exported so";
}

TEST_F(Chart, AloneHasALegendOfItsOwnThatDoesNotCoverThePlot)
{
    chart.setLegendShown(true);
    chart.setCurves({curve("a", 100), curve("b", 100)});
    settle();
    auto* legend = chart.findChild<LegendStrip*>();
    ASSERT_NE(legend, nullptr);
    EXPECT_TRUE(legend->isVisible());
    EXPECT_FALSE(legend->geometry().intersects(plot().geometry()));
    ASSERT_EQ(legend->entries().size(), 2U);
    EXPECT_TRUE(legend->entries()[0].value.isEmpty());
    chart.setCrosshair(42.0);
    EXPECT_EQ(legend->title(), "step 42");
    EXPECT_EQ(legend->entries()[0].value, "4.958");
}

TEST_F(Chart, ARunHasNoValueWhereItHasNoPoint)
{
    Curve ended = curve("ended", 0);
    ended.points = std::vector<QPointF>{{10, 1.0}, {50, 2.0}};
    chart.setCurves({ended, curve("long", 200)});
    settle();
    for (const double x : {5.0, 51.0, 150.0}) {
        chart.setCrosshair(x);
        ASSERT_EQ(chart.readings().size(), 2U);
        EXPECT_TRUE(chart.readings()[0].value.isEmpty()) << x;
        EXPECT_FALSE(chart.readings()[0].y) << x;
        EXPECT_EQ(readout().dots().size(), 1U) << x << ": the other run's";
    }
}

TEST_F(Chart, ReadsTheHeightOfALayerAndTheSeedsOfAMean)
{
    Curve layer = curve("layer", 0);
    layer.points = std::vector<QPointF>{{0, 3.0}, {10, 5.0}};
    layer.floors = std::vector<double>{1.0, 2.0};
    Curve mean = curve("mean", 0);
    mean.points = std::vector<QPointF>{{0, 3.0}, {10, 5.0}};
    mean.deviations = std::vector<double>{0.5, 0.0};
    mean.counts = std::vector<int>{2, 1};
    chart.setCurves({layer, mean});
    settle();
    chart.setCrosshair(0.0);
    EXPECT_EQ(chart.readings()[0].value, "2");
    EXPECT_EQ(*chart.readings()[0].y, 3.0) << "the dot is on the line";
    EXPECT_EQ(chart.readings()[1].value, QStringLiteral("3 \u00b1 0.5 (n 2)"));
    chart.setCrosshair(10.0);
    EXPECT_TRUE(chart.readings()[1].value.endsWith("(n 1)"));
}

TEST_F(Chart, ABandEndsWhereTheValuesDo)
{
    Curve share = curve("share", 0);
    share.points = std::vector<QPointF>{{0, 0.1}, {1, 0.95}};
    share.deviations = std::vector<double>{0.3, 0.3};
    share.least = 0.0;
    share.most = 1.0;
    chart.setCurves({share});
    settle();
    const ChartPicture picture = chart.picture(100);
    const VisibleCurve& seen = picture.lines.at(0).visible;
    EXPECT_EQ(seen.areaLow.at(0).y(), 0.0);
    EXPECT_DOUBLE_EQ(seen.areaHigh.at(0).y(), 0.4);
    EXPECT_EQ(seen.areaHigh.at(1).y(), 1.0);
}

TEST_F(Chart, PutsMarksOnPaperAndTellsThemOnHover)
{
    chart.setCurves({curve("a", 100)});
    const std::vector<Mark> marks{{20.0, 20.0, "resumed", {}}, {50.0, 60.0, "diverged", Qt::red}};
    chart.setMarks(marks);
    settle();
    EXPECT_EQ(chart.marks(), marks);
    EXPECT_EQ(chart.picture(100).marks, marks);
    const QImage with = chart.grab().toImage();
    chart.setMarks({});
    settle();
    EXPECT_NE(chart.grab().toImage(), with);
}

TEST_F(Chart, WritesEveryPointNotOnlyTheDrawnOnes)
{
    chart.setCurves({curve("a \"b\", c", 50'000, 7)});
    settle();
    const QStringList lines = chart.toCsv().split('\n', Qt::SkipEmptyParts);
    ASSERT_EQ(lines.size(), 50'001);
    EXPECT_EQ(lines[8].toStdString(), "\"a \"\"b\"\", c\",\"a \"\"b\"\", c\",7,nan");
    EXPECT_EQ(lines[3].section(',', -1).toDouble(), 5.0 - 0.001 * 2);
}

TEST_F(Chart, StepsTheCrosshairToRecordedPointsAndCopiesTheirValues)
{
    chart.setCurves({curve("a", 10), curve("b", 10)});
    settle();
    QTest::keyClick(&chart, Qt::Key_Right);
    QTest::keyClick(&chart, Qt::Key_Right);
    QTest::keySequence(&chart, QKeySequence(QKeySequence::Copy));
    EXPECT_THAT(QApplication::clipboard()->text().toStdString(), HasSubstr("a\t1\t4.999"));
}

} // namespace
} // namespace dskd::viz
