#include "viz/chart_picture.h"
#include "viz/curve_chart.h"
#include "viz/legend_strip.h"
#include "viz/readout.h"

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <cmath>
#include <gmock/gmock.h>
#include <limits>

namespace dskd::viz
{
namespace
{

using testing::Contains;
using testing::HasSubstr;

Curve curve(const QString& id, int count, double nanAt = -1)
{
    Curve result;
    result.id = id;
    result.label = id;
    result.color = Qt::darkBlue;
    std::vector<QPointF> points;
    for (int i = 0; i < count; ++i) {
        points.emplace_back(i, i == nanAt ? std::numeric_limits<double>::quiet_NaN() : 5.0 - 0.001 * i);
    }
    result.points = std::move(points);
    return result;
}

std::vector<std::string> labels(const QWidget& widget)
{
    std::vector<std::string> result;
    for (const auto* label : widget.findChildren<QLabel*>()) {
        if (label->isVisibleTo(&widget)) {
            result.push_back(label->text().toStdString());
        }
    }
    return result;
}

class Chart : public testing::Test
{
protected:
    void SetUp() override
    {
        chart.resize(600, 300);
        chart.setXTitle("step");
        chart.setLegendShown(false);
        chart.show();
    }
    void settle() { QTest::qWait(20); }
    [[nodiscard]] QWidget& plot() const { return *chart.findChild<QWidget*>("plot"); }
    [[nodiscard]] const Readout& readout() const
    {
        return *static_cast<Readout*>(chart.findChild<QWidget*>("readout"));
    }
    // A point of the plot in the chart's coordinates: shares of its width and height.
    [[nodiscard]] QPoint inPlot(double x, double y) const
    {
        const QRect area = plot().geometry();
        const int axis = 40; // what the numbers beside and below it take at most
        return {area.left() + axis + static_cast<int>(x * (area.width() - axis - 8)),
                area.top() + 8 + static_cast<int>(y * (area.height() - axis))};
    }
    void drag(const QPoint& from, const QPoint& to)
    {
        QTest::mousePress(&chart, Qt::LeftButton, {}, from);
        QTest::mouseMove(&chart, (from + to) / 2);
        QTest::mouseMove(&chart, to);
        QTest::mouseRelease(&chart, Qt::LeftButton, {}, to);
    }
    void wheel(const QPoint& at, int steps, Qt::KeyboardModifiers keys = Qt::NoModifier)
    {
        QWheelEvent event(QPointF(at), chart.mapToGlobal(QPointF(at)), {}, {0, 120 * steps}, Qt::NoButton, keys,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(&chart, &event);
    }

    CurveChart chart;
};

TEST_F(Chart, SaysWhyItIsEmpty)
{
    chart.setEmptyText("No run is shown.");
    settle();
    EXPECT_THAT(labels(chart), Contains("No run is shown."));
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
    EXPECT_THAT(labels(chart), Contains(HasSubstr("of 100,000 drawn; extremes kept")));
}

TEST_F(Chart, OfACurveThatWasThinnedOutBeforeItCountsWhatWasRecorded)
{
    Curve thinned = curve("a", 10'000, 412);
    thinned.recorded = 2'000'000;
    thinned.notFinite = 9;
    chart.setCurves({thinned});
    settle();
    EXPECT_THAT(labels(chart), testing::Not(Contains(HasSubstr("drawn")))) << "how many of all it cannot know";
    EXPECT_THAT(labels(chart), Contains(HasSubstr("9 not finite, first at step 412")));
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
    EXPECT_THAT(labels(chart), Contains(HasSubstr("2 not finite, first at step 412")));
    ASSERT_EQ(chart.readings().size(), 1U);
    EXPECT_EQ(chart.readings()[0].note, "2 not finite, first at step 412") << "for the legend";
    const ChartPicture picture = chart.picture(2000);
    EXPECT_THAT(picture.atBottom, testing::ElementsAre(412.0));
    EXPECT_THAT(picture.atTop, testing::ElementsAre(700.0));
}

TEST_F(Chart, CountsNotFinitePointsOfAGrowingCurveOnce)
{
    chart.setCurves({curve("a", 100, 42)});
    chart.setCurves({curve("a", 200, 42)});
    settle();
    EXPECT_THAT(labels(chart), Contains(HasSubstr("1 not finite, first at step 42")));
    chart.setCurves({curve("a", 30)});
    settle();
    EXPECT_THAT(labels(chart), testing::Not(Contains(HasSubstr("not finite"))));
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
    EXPECT_THAT(labels(chart), Contains(HasSubstr("1 not above 0 left out")));
    EXPECT_THAT(labels(chart), Contains(HasSubstr("1 at step 0 left out")));
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

TEST_F(Chart, TogglesTheLogAxisWithL)
{
    const QSignalSpy spy(&chart, &CurveChart::logYChanged);
    QTest::keyClick(&chart, Qt::Key_L);
    EXPECT_TRUE(chart.logY());
    EXPECT_EQ(spy.count(), 1);
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

TEST_F(Chart, KeepsItsZoomWhileCurvesGrow)
{
    chart.setCurves({curve("a", 1000)});
    settle();
    QTest::keyClick(&chart, Qt::Key_Plus);
    settle();
    EXPECT_THAT(labels(chart), Contains(HasSubstr("a part")));
    chart.setCurves({curve("a", 1100)});
    settle();
    EXPECT_THAT(labels(chart), Contains(HasSubstr("a part")));
    QTest::keyClick(&chart, Qt::Key_0);
    settle();
    EXPECT_THAT(labels(chart), testing::Not(Contains(HasSubstr("a part"))));
}

TEST_F(Chart, PaintsTheCurveInItsColour)
{
    chart.setCurves({curve("a", 100)});
    settle();
    const QImage picture = chart.grab().toImage();
    bool found = false;
    for (int y = 0; y < picture.height() && !found; ++y) {
        for (int x = 0; x < picture.width() && !found; ++x) {
            const QColor pixel = picture.pixelColor(x, y);
            found = pixel.blue() > 100 && pixel.red() < 60 && pixel.green() < 60;
        }
    }
    EXPECT_TRUE(found);
}

TEST_F(Chart, OnPaperHasTitleNamesAndLegendInTheColoursOfPaper)
{
    Curve one = curve("dual, seed 10", 100);
    one.printColor = Qt::darkGreen;
    chart.setCurves({one});
    chart.setYTitle("nats");
    chart.setSmoothing({SmoothingKind::Ema, 0.6});
    settle();
    ChartPicture picture = chart.picture(1000);
    picture.title = "loss";
    EXPECT_EQ(picture.xTitle, "step");
    EXPECT_EQ(picture.yTitle, "nats");
    EXPECT_THAT(picture.notes.join(' ').toStdString(), HasSubstr("EMA 0.6"));
    EXPECT_EQ(picture.lines.at(0).label, "dual, seed 10");
    EXPECT_EQ(picture.lines.at(0).color, QColor(Qt::darkGreen));
    QFont font;
    font.setPixelSize(12);
    const auto painted = [&](const ChartPicture& what) {
        QImage image(600, 400, QImage::Format_RGB32);
        QPainter painter(&image);
        paintChart(painter, image.rect(), what, {Qt::white, Qt::black, Qt::darkGray}, font);
        painter.end();
        return image;
    };
    const QImage whole = painted(picture);
    EXPECT_EQ(whole.pixelColor(0, 0), QColor(Qt::white));
    for (QString ChartPicture::*text : {&ChartPicture::title, &ChartPicture::xTitle, &ChartPicture::yTitle}) {
        ChartPicture without = picture;
        without.*text = QString();
        EXPECT_NE(painted(without), whole) << (picture.*text).toStdString() << " is not painted";
    }
    ChartPicture unnamed = picture;
    unnamed.lines[0].label.clear();
    EXPECT_NE(painted(unnamed), whole) << "the legend";
}

TEST_F(Chart, OnPaperALineEndsAtTheAxes)
{
    chart.setCurves({curve("a", 1000)});
    settle();
    chart.setPart(std::pair(400.0, 600.0));
    ChartPicture picture = chart.picture(200);
    picture.range.yMin = 4.45;
    picture.range.yMax = 4.55; // the line leaves through both
    picture.lines[0].color = Qt::red;
    picture.lines[0].pen = QPen(Qt::red, 3.0);
    picture.lines[0].label.clear();
    QFont font;
    font.setPixelSize(12);
    QImage image(600, 400, QImage::Format_RGB32);
    QPainter painter(&image);
    paintChart(painter, image.rect(), picture, {Qt::white, Qt::black, Qt::darkGray}, font);
    painter.end();
    const auto redIn = [&](const QRect& part) {
        for (int y = part.top(); y <= part.bottom(); ++y) {
            for (int x = part.left(); x <= part.right(); ++x) {
                if (image.pixelColor(x, y).red() > 200 && image.pixelColor(x, y).green() < 80) {
                    return true;
                }
            }
        }
        return false;
    };
    EXPECT_TRUE(redIn({100, 50, 400, 250}));
    EXPECT_FALSE(redIn({0, 0, 20, 350})) << "left of the axis";
    EXPECT_FALSE(redIn({0, 0, 600, 8})) << "above it";
}

} // namespace
} // namespace dskd::viz
