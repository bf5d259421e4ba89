#include "viz/colour_map.h"
#include "viz/heat_map_paint.h"
#include "viz/heat_map_view.h"

#include <QElapsedTimer>
#include <QImage>
#include <QSignalSpy>
#include <QTest>
#include <QVBoxLayout>
#include <gtest/gtest.h>
#include <limits>

namespace dskd::viz
{
namespace
{

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

TEST(HeatMapLayout, OfANarrowViewTheBarIsBelowTheCells)
{
    const QRectF part(0, 0, 3, 3);
    EXPECT_FALSE(heatMapLayout(map(), part, QRectF(0, 0, 400, 300), QFont()).barBelow);
    const QRectF widget(0, 0, 130, 330);
    const HeatMapLayout narrow = heatMapLayout(map(), part, widget, QFont());
    EXPECT_TRUE(narrow.barBelow);
    EXPECT_GT(narrow.cells.width(), 40.0) << "beside the bar they would have 20 pixels";
    EXPECT_TRUE(widget.contains(narrow.cells));
    EXPECT_GT(narrow.bar.top(), narrow.cells.bottom());
    EXPECT_GT(narrow.line.top(), narrow.bar.bottom());
    EXPECT_NEAR(narrow.toPixels(0, 0).width(), narrow.toPixels(0, 0).height(), 1e-9);
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

TEST(VisibleToken, ShowsSpacesAndLineEnds)
{
    EXPECT_EQ(visibleToken(" a\n"), QStringLiteral("·a⏎"));
    EXPECT_EQ(visibleToken(""), QStringLiteral("∅"));
}

} // namespace
} // namespace dskd::viz
