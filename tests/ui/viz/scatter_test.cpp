#include "viz/scatter.h"
#include "viz/scatter_paint.h"

#include <QImage>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <gtest/gtest.h>

#include <limits>

namespace dskd::viz
{
namespace
{

ScatterPicture picture(double shift)
{
    ScatterPicture made;
    made.series = {{QStringLiteral("student"), Qt::blue, false}, {QStringLiteral("teacher"), Qt::red, true}};
    made.points = {{{0.0, 0.0}, 0, 2, QStringLiteral("the")},
                   {{1.0, 2.0}, 0, -1, QStringLiteral("cat")},
                   {{0.5 + shift, 0.5}, 1, 0, QStringLiteral("the")}};
    return made;
}

class ScatterTest : public testing::Test
{
protected:
    ScatterTest()
    {
        view.resize(400, 360);
        view.show();
    }
    ScatterView view;
};

TEST_F(ScatterTest, NamesThePointUnderTheMouse)
{
    view.setPicture(picture(0.0), false);
    const QSignalSpy marked(&view, &ScatterView::markedChanged);
    QTest::mouseMove(&view, view.toPixel({1.0, 2.0}).toPoint());
    ASSERT_EQ(view.marked(), 1);
    EXPECT_EQ(view.readout(), QStringLiteral("student \u00b7 cat \u00b7 (1, 2)"));
    EXPECT_EQ(marked.size(), 1);
    QTest::mouseMove(&view, view.toPixel({1.0, 0.0}).toPoint()); // where there is none
    EXPECT_FALSE(view.marked());
}

TEST_F(ScatterTest, IsWalkedThroughByKeysPastWhatIsNotFinite)
{
    ScatterPicture broken = picture(0.0);
    broken.points[1].place.setX(std::numeric_limits<double>::quiet_NaN());
    view.setPicture(broken, false);
    QTest::keyClick(&view, Qt::Key_Right);
    EXPECT_EQ(view.marked(), 0);
    QTest::keyClick(&view, Qt::Key_Right);
    EXPECT_EQ(view.marked(), 2);
    QTest::keyClick(&view, Qt::Key_Left);
    EXPECT_EQ(view.marked(), 0);
    EXPECT_EQ(view.accessibleDescription(), view.readout());
}

TEST_F(ScatterTest, HasOneScaleOnBothAxesAndUpIsUp)
{
    view.setPicture(picture(0.0), false);
    const QPointF origin = view.toPixel({0.0, 0.0});
    const QPointF right = view.toPixel({1.0, 0.0});
    const QPointF up = view.toPixel({0.0, 1.0});
    EXPECT_NEAR(right.x() - origin.x(), origin.y() - up.y(), 1e-9);
    EXPECT_GT(right.x(), origin.x());
    for (const ScatterPoint& point : picture(0.0).points) {
        EXPECT_TRUE(view.rect().contains(view.toPixel(point.place).toPoint()));
    }
}

TEST_F(ScatterTest, StaysWhereItIsWhileThePictureMovesOnTheSameAxes)
{
    view.setPicture(picture(0.0), false);
    const QPointF before = view.toPixel({0.0, 0.0});
    view.setPicture(picture(0.2), true);
    EXPECT_EQ(view.toPixel({0.0, 0.0}), before);
    view.setPicture(picture(5.0), true);
    EXPECT_TRUE(view.rect().contains(view.toPixel({5.5, 0.5}).toPoint())) << "it grows where a point leaves it";
    const QRectF grown = view.visiblePart();
    view.setPicture(picture(0.0), false);
    EXPECT_LT(view.visiblePart().width(), grown.width()) << "other axes";
}

TEST_F(ScatterTest, KeepsAZoomUntilEverythingIsAskedFor)
{
    view.setPicture(picture(0.0), false);
    const QRectF whole = view.visiblePart();
    view.setMarked(1);
    const QPointF before = view.toPixel({1.0, 2.0});
    QTest::keyClick(&view, Qt::Key_Plus);
    EXPECT_LT(view.visiblePart().width(), whole.width());
    EXPECT_NEAR(view.toPixel({1.0, 2.0}).x(), before.x(), 1e-6) << "around the marked point";
    const QRectF zoomed = view.visiblePart();
    view.setPicture(picture(5.0), true);
    EXPECT_EQ(view.visiblePart(), zoomed);
    view.setPicture(picture(0.0), true);
    QTest::keyClick(&view, Qt::Key_0);
    EXPECT_EQ(view.visiblePart(), whole);
}

QImage painted(const ScatterPaper& paper)
{
    QImage image(400, 360, QImage::Format_RGB32);
    QPainter painter(&image);
    QFont font;
    font.setPixelSize(12);
    paintScatter(painter, QRectF(image.rect()), paper, {Qt::white, Qt::black, Qt::darkGray}, font);
    return image;
}

TEST_F(ScatterTest, GoesToPaperWithTitleAxisNamesAndLegend)
{
    ScatterPicture shown = picture(0.0);
    for (ScatterSeries& series : shown.series) {
        series.printColor = Qt::darkGreen;
    }
    view.setPicture(shown, false);
    QTest::keyClick(&view, Qt::Key_Plus);
    ScatterPaper paper = view.onPaper();
    EXPECT_EQ(paper.part, view.visiblePart()) << "what is visible";
    const QImage plain = painted(paper);
    bool onScreen = false; // a colour of the screen
    int green = 0;
    for (int y = 0; y < plain.height(); ++y) {
        for (int x = 0; x < plain.width(); ++x) {
            const QColor pixel = plain.pixelColor(x, y);
            onScreen = onScreen || pixel.blue() > pixel.green() + 40 || pixel.red() > pixel.green() + 40;
            green += pixel.green() > pixel.red() + 40 ? 1 : 0;
        }
    }
    EXPECT_FALSE(onScreen);
    EXPECT_GT(green, 20);
    QImage before = plain;
    const auto differs = [&](QString& text) {
        text = QStringLiteral("words");
        const QImage after = painted(paper);
        const bool changed = after != before;
        before = after;
        return changed;
    };
    EXPECT_TRUE(differs(paper.title));
    EXPECT_TRUE(differs(paper.picture.xTitle));
    EXPECT_TRUE(differs(paper.picture.yTitle));
    EXPECT_TRUE(differs(paper.picture.series[1].label));
    paper.notes = {QStringLiteral("step 50")};
    EXPECT_NE(painted(paper), before);
}

TEST_F(ScatterTest, ShowsTheSentenceInPlaceOfAPicture)
{
    view.setPicture(picture(0.0), false);
    view.setMarked(0);
    view.clear(QStringLiteral("nothing was recorded"));
    EXPECT_FALSE(view.marked());
    EXPECT_TRUE(view.visiblePart().isEmpty());
    QTest::keyClick(&view, Qt::Key_Right);
    QTest::mouseMove(&view, QPoint(50, 50));
    EXPECT_FALSE(view.marked());
    EXPECT_FALSE(view.grab().isNull());
}

} // namespace
} // namespace dskd::viz
