#include "viz/chart_picture.h"
#include "viz/colour_map.h"
#include "viz/curve_chart.h"
#include "viz/heat_map_paint.h"
#include "viz/heat_map_view.h"
#include "viz/legend_strip.h"
#include "viz/readout.h"

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QLabel>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>
#include <QTextDocumentFragment>
#include <QVBoxLayout>
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

TEST(LegendStrip, KeepsItsHeightWhileValuesComeAndGoAndCountsWhatDoesNotFit)
{
    LegendStrip legend;
    legend.resize(400, 100);
    std::vector<LegendEntry> entries;
    for (int i = 0; i < 40; ++i) {
        entries.push_back({QStringLiteral("run %1").arg(i), {}, Qt::blue, false});
    }
    legend.show("loss", entries);
    const int height = legend.heightForWidth(400);
    EXPECT_GT(legend.hiddenEntries(), 0);
    EXPECT_LT(legend.hiddenEntries(), 40);
    for (LegendEntry& entry : entries) {
        entry.value = "2.7134";
    }
    legend.show("loss, step 60", entries);
    EXPECT_EQ(legend.heightForWidth(400), height);
    EXPECT_THAT(QTextDocumentFragment::fromHtml(legend.toolTip())
                    .toPlainText()
                    .replace(QChar::Nbsp, QLatin1Char(' '))
                    .toStdString(),
                testing::AllOf(HasSubstr("loss, step 60"), HasSubstr("run 39: 2.7134")));
    entries.resize(2);
    entries[0].label = "<b>x";
    legend.show("loss", entries);
    EXPECT_EQ(legend.hiddenEntries(), 0);
    EXPECT_THAT(legend.toolTip().toStdString(), HasSubstr("&lt;b&gt;x"));
    EXPECT_THAT(legend.accessibleDescription().toStdString(), HasSubstr("<b>x"));
}

HeatMap map()
{
    return {{"The", " cat", "\n"}, {"The", " c", "at"}, {1.0F, 0.0F, 0.0F, 0.1F, 0.6F, 0.3F, 0.2F, 0.2F, 0.6F}};
}

TEST(HeatMapImage, HasTheColourOfEveryValue)
{
    const QImage image = heatMapImage(map(), Scale::Sequential, false);
    ASSERT_EQ(image.size(), QSize(3, 3));
    EXPECT_EQ(image.pixel(0, 0), viridis()[255]);
    EXPECT_EQ(image.pixel(1, 0), viridis()[0]);
    EXPECT_EQ(image.pixel(1, 1), viridis()[153]); // 0.6 of 255
}

TEST(HeatMapImage, OfADifferenceIsWhiteAtZeroWhateverTheRange)
{
    HeatMap difference = map();
    difference.values = {-0.5F, 0, 0, 0, 0.25F, 0, 0, 0, 0};
    const QImage image = heatMapImage(difference, Scale::Diverging, false);
    EXPECT_EQ(image.pixel(0, 0), diverging()[0]);
    EXPECT_GT(qGray(image.pixel(1, 0)), 240);
}

TEST(ColourMap, GrowsSteadilyBrighter)
{
    for (std::size_t i = 8; i < 256; i += 8) {
        EXPECT_GT(qGray(viridis()[i]), qGray(viridis()[i - 8])) << i;
    }
}

TEST(HeatMapImage, SpansTheValuesOrTheRangeThatIsWanted)
{
    HeatMap weak = map();
    weak.values = {0.1F, 0, 0, 0, 0.05F, 0, 0, 0, 0};
    EXPECT_EQ(heatMapImage(weak, Scale::Sequential, false).pixel(0, 0), viridis()[255]) << "the greatest";
    const std::pair<float, float> unit{0.0F, 1.0F};
    EXPECT_EQ(heatMapImage(weak, Scale::Sequential, false, unit).pixel(0, 0), viridis()[26]) << "0.1 of 255";
    EXPECT_EQ(colourRange(weak, Scale::Sequential), std::pair(0.0F, 0.1F));
    EXPECT_EQ(colourRange(weak, Scale::Sequential, unit), unit);
    weak.values.assign(9, 0.0F);
    EXPECT_EQ(colourRange(weak, Scale::Sequential), unit) << "all are equal";
    weak.values[0] = -0.5F;
    EXPECT_EQ(colourRange(weak, Scale::Diverging, unit), std::pair(-0.5F, 0.5F)) << "symmetric, whatever is wanted";
}

HeatMap large(int size)
{
    HeatMap result;
    for (int i = 0; i < size; ++i) {
        result.rowTexts << QStringLiteral("row%1").arg(i);
        result.columnTexts << QStringLiteral("column%1").arg(i);
    }
    result.values.assign(static_cast<std::size_t>(size) * static_cast<std::size_t>(size), 0.0F);
    return result;
}

TEST(HeatMapLayout, HasSquareCellsThatGrowWhereTokensDoNotFit)
{
    const QRectF widget(0, 0, 600, 400);
    const HeatMapLayout small = heatMapLayout(map(), QRectF(0, 0, 3, 3), widget, QFont());
    EXPECT_TRUE(small.labelled);
    EXPECT_NEAR(small.toPixels(0, 0).width(), small.toPixels(0, 0).height(), 1e-9);
    HeatMap wide = large(20);
    wide.rowTexts = wide.rowTexts.mid(0, 5);
    wide.values.resize(100);
    const HeatMapLayout flat = heatMapLayout(wide, QRectF(0, 0, 20, 5), widget, QFont());
    EXPECT_NEAR(flat.toPixels(0, 0).width(), flat.toPixels(0, 0).height(), 1e-9);
    EXPECT_TRUE(widget.contains(flat.cells));
    const HeatMapLayout dense = heatMapLayout(large(1024), QRectF(0, 0, 1024, 1024), widget, QFont());
    EXPECT_FALSE(dense.labelled) << "no token fits";
    EXPECT_TRUE(heatMapLayout(large(1024), QRectF(0, 0, 10, 10), widget, QFont()).labelled) << "zoomed in";
    EXPECT_GT(dense.cells.height(), small.cells.height());
}

TEST(HeatMapImage, KeepsAThinLineWhereManyCellsShareAPixel)
{
    HeatMap diagonal = large(1024);
    for (std::size_t i = 0; i < 1024; ++i) {
        diagonal.values[i * 1024 + i] = 1.0F;
    }
    const QImage cells = visibleCells(heatMapImage(diagonal, Scale::Sequential, false), {0, 0, 1024, 1024}, {300, 300});
    ASSERT_EQ(cells.size(), QSize(300, 300));
    for (int i = 1; i < 299; ++i) {
        EXPECT_NE(cells.pixel(i, i), viridis()[0]) << i;
    }
    const QImage sharp = visibleCells(heatMapImage(map(), Scale::Sequential, false), {0, 0, 3, 3}, {30, 30});
    EXPECT_EQ(sharp.pixel(9, 9), viridis()[255]) << "cells keep their edges";
    EXPECT_EQ(sharp.pixel(10, 9), viridis()[0]);
}

TEST(HeatMapView, PaintsAMillionCellsFromAPictureOfThem)
{
    HeatMapView view;
    view.resize(700, 600);
    view.setMap(large(1024));
    (void)view.grab(); // the picture is made
    QElapsedTimer clock;
    clock.start();
    for (int i = 0; i < 20; ++i) {
        view.setCursorCell(QPoint(i, i));
        (void)view.grab();
    }
    EXPECT_LT(clock.elapsed(), 20 * 100) << "100 ms a frame, on a slow machine under test";
}

TEST(HeatMapView, OutlinesChunksOverTheCells)
{
    HeatMapView view;
    view.resize(400, 300);
    view.setMap(map());
    const QImage before = view.grab().toImage();
    view.setOutlines({QRect(1, 1, 2, 1)});
    EXPECT_EQ(view.outlines(), std::vector<QRect>{QRect(1, 1, 2, 1)});
    const QImage after = view.grab().toImage();
    const HeatMapLayout layout = heatMapLayout(map(), QRectF(0, 0, 3, 3), view.rect(), view.font());
    const auto differs = [&](const QPointF& at) {
        for (int dx = -2; dx <= 2; ++dx) {
            for (int dy = -2; dy <= 2; ++dy) {
                const QPoint pixel = at.toPoint() + QPoint(dx, dy);
                if (before.pixel(pixel) != after.pixel(pixel)) {
                    return true;
                }
            }
        }
        return false;
    };
    const QRectF box = layout.toPixels(1, 1).united(layout.toPixels(2, 1));
    EXPECT_TRUE(differs({box.center().x(), box.top()}));
    EXPECT_TRUE(differs({box.left(), box.center().y()}));
    EXPECT_FALSE(differs(layout.toPixels(1, 1).center()));
    EXPECT_FALSE(differs(layout.toPixels(0, 0).center()));
    view.clear("gone");
    EXPECT_TRUE(view.outlines().empty());
}

TEST(HeatMapView, FillsTheScreenByF11OrDoubleClickAndComesBackByEscape)
{
    QWidget window;
    auto* layout = new QVBoxLayout(&window);
    auto* view = new HeatMapView;
    layout->addWidget(view);
    view->setMap(map());
    window.resize(500, 400);
    window.show();
    const QRect place = view->geometry();
    QTest::keyClick(view, Qt::Key_F11);
    EXPECT_TRUE(view->isFullScreen());
    EXPECT_TRUE(view->isWindow());
    QTest::keyClick(view, Qt::Key_Escape);
    EXPECT_FALSE(view->isWindow());
    EXPECT_TRUE(QTest::qWaitFor([&] { return view->isVisible() && view->geometry() == place; }));
    QTest::mouseDClick(view, Qt::LeftButton);
    EXPECT_TRUE(view->isWindow());
    QTest::mouseDClick(view, Qt::LeftButton);
    EXPECT_FALSE(view->isWindow());
}

TEST(HeatMapView, ShowsEverythingAgainBy0)
{
    HeatMapView view;
    view.resize(400, 300);
    view.setMap(large(64));
    view.show();
    const QSignalSpy spy(&view, &HeatMapView::visiblePartChanged);
    QTest::keyClick(&view, Qt::Key_Plus);
    ASSERT_EQ(spy.count(), 1);
    EXPECT_FALSE(spy.back()[0].toRectF().isEmpty());
    QTest::keyClick(&view, Qt::Key_0);
    ASSERT_EQ(spy.count(), 2);
    EXPECT_TRUE(spy.back()[0].toRectF().isEmpty()) << "empty: everything";
}

TEST(HeatMapView, MovesItsCursorByKeysAndTellsTheCell)
{
    HeatMapView view;
    view.resize(400, 300);
    view.setMap(map());
    view.show();
    const QSignalSpy spy(&view, &HeatMapView::cursorCellChanged);
    QTest::keyClick(&view, Qt::Key_Right);
    QTest::keyClick(&view, Qt::Key_Right);
    QTest::keyClick(&view, Qt::Key_Down);
    ASSERT_EQ(spy.count(), 3);
    EXPECT_EQ(spy.back()[0].value<std::optional<QPoint>>(), QPoint(1, 1));
}

TEST(HeatMapView, FindsTheCellUnderTheMouse)
{
    HeatMapView view;
    view.resize(400, 300);
    view.setMap(map());
    view.show();
    const HeatMapLayout layout = heatMapLayout(map(), QRectF(0, 0, 3, 3), view.rect(), view.font());
    const QSignalSpy spy(&view, &HeatMapView::cursorCellChanged);
    QTest::mouseMove(&view, layout.toPixels(2, 1).center().toPoint());
    ASSERT_EQ(spy.count(), 1);
    EXPECT_EQ(spy.back()[0].value<std::optional<QPoint>>(), QPoint(2, 1));
}

TEST(HeatMapView, IgnoresACellAndAPartThatTheMapDoesNotHave)
{
    HeatMapView view;
    view.resize(400, 300);
    view.setMap(map());
    view.setCursorCell(QPoint(-1, 7));
    view.setVisiblePart(QRectF(-20, 50, 2, 2));
    EXPECT_FALSE(view.grab().isNull()); // painting must not reach beyond the texts
}

TEST(HeatMapImage, ShowsAMissingValueInNoColourOfTheScale)
{
    HeatMap holes = map();
    holes.values[4] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(heatMapImage(holes, Scale::Sequential, false).pixel(1, 1), 0xff808080);
}

TEST(HeatMapView, WritesTokensAndValuesAsCsv)
{
    HeatMapView view;
    view.setMap(map());
    EXPECT_THAT(view.toCsv().toStdString(), HasSubstr("\" cat\",0.100000001,0.600000024,0.300000012"));
}

TEST(VisibleToken, ShowsSpacesAndLineEnds)
{
    EXPECT_EQ(visibleToken(" a\n"), QStringLiteral("·a⏎"));
    EXPECT_EQ(visibleToken(""), QStringLiteral("∅"));
}

} // namespace
} // namespace dskd::viz
