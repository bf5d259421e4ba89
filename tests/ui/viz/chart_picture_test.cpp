// What a chart paints, on the screen and on paper.

#include "viz/chart_picture.h"

#include "tests/ui/viz/chart_fixture.h"

#include <QImage>
#include <QLabel>
#include <QPainter>
#include <gmock/gmock.h>
#include <limits>

namespace dskd::viz
{
namespace
{

using testing::HasSubstr;

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

// Tip at the edge, in the curve's colour, with an outline.
TEST(LeftOutPoints, AreTrianglesInTheColourOfTheirCurve)
{
    PlotFrame frame;
    frame.plot = QRectF(0, 0, 100, 100);
    LeftOut points;
    points.add({0.5, std::numeric_limits<double>::quiet_NaN()}, Qt::red);
    points.add({0.25, std::numeric_limits<double>::infinity()}, Qt::blue);
    EXPECT_EQ(points.symbols(), QStringLiteral("\u25bc\u25b2"));
    EXPECT_EQ(LeftOut{}.symbols(), QString());
    QImage image(100, 100, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    paintLeftOut(painter, frame, points, Qt::black);
    painter.end();
    EXPECT_EQ(image.pixelColor(50, 94), QColor(Qt::red));
    EXPECT_EQ(image.pixelColor(25, 5), QColor(Qt::blue));
    EXPECT_EQ(image.pixelColor(75, 94), QColor(Qt::white));
    bool outlined = false;
    for (int y = 85; y < 100; ++y) {
        outlined = outlined || image.pixelColor(50, y) == QColor(Qt::black);
    }
    EXPECT_TRUE(outlined) << "above or below the filled part";
}

TEST_F(Chart, OnPaperHasASignOfAUnitOnce)
{
    chart.setCurves({curve("a", 100)});
    chart.setYTitle("%", 100.0);
    settle();
    const ChartPicture picture = chart.picture(1000);
    EXPECT_EQ(picture.range.ySuffix, "%") << "behind each number of the axis";
    EXPECT_EQ(picture.range.yFactor, 100.0);
    EXPECT_TRUE(picture.yTitle.isEmpty()) << picture.yTitle.toStdString();
}

TEST_F(Chart, ItsBadgeHasAsMuchTextAsATitleLeavesRoomFor)
{
    chart.setTitle("loss");
    chart.setCurves({curve("a", 100, 5)});
    settle();
    const QLabel* badge = nullptr;
    for (const auto* label : chart.findChildren<QLabel*>()) {
        badge = label->toolTip().contains("not finite") ? label : badge;
    }
    ASSERT_NE(badge, nullptr);
    EXPECT_EQ(badge->text(), badge->toolTip());
    QString title;
    while (chart.fontMetrics().horizontalAdvance(title) < chart.width() * 3 / 4) {
        title += 'x';
    }
    chart.setTitle(title);
    settle();
    EXPECT_TRUE(badge->text().endsWith(QChar(0x2026))) << badge->text().toStdString();
    chart.setTitle("loss");
    settle();
    EXPECT_EQ(badge->text(), badge->toolTip());
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
