#include "viz/box_paint.h"
#include "viz/box_plot.h"

#include <QApplication>
#include <QClipboard>
#include <QImage>
#include <QPainter>
#include <QTest>
#include <gtest/gtest.h>
#include <optional>
#include <vector>

namespace dskd::viz
{
namespace
{

Box box(const QString& label, double shift)
{
    Box made;
    made.label = label;
    made.color = Qt::darkGreen;
    made.lowerWhisker = 0.1 + shift;
    made.lowerQuartile = 0.2 + shift;
    made.median = 0.25 + shift;
    made.upperQuartile = 0.4 + shift;
    made.upperWhisker = 0.5 + shift;
    return made;
}

class BoxPlotTest : public testing::Test
{
protected:
    BoxPlotTest()
    {
        plot.resize(400, 300);
        plot.show();
    }
    BoxPlot plot;
};

TEST_F(BoxPlotTest, SaysTheFiguresOfTheBoxThatTheKeyboardChooses)
{
    Box second = box(QStringLiteral("dual"), 0.5);
    second.outliers = {2.0};
    second.note = QStringLiteral("24 values of 3 seeds");
    plot.setBoxes({box(QStringLiteral("sft"), 0.0), second});
    EXPECT_TRUE(plot.readout().isEmpty());
    QTest::keyClick(&plot, Qt::Key_Right);
    EXPECT_EQ(plot.markedBox(), 0);
    EXPECT_EQ(plot.readout(), "sft: median 0.25, quartiles 0.2 to 0.4, whiskers 0.1 to 0.5");
    QTest::keyClick(&plot, Qt::Key_Right);
    QTest::keyClick(&plot, Qt::Key_Right); // there is no third
    EXPECT_EQ(plot.readout(), QStringLiteral("dual: median 0.75, quartiles 0.7 to 0.9, whiskers 0.6 to 1, 1 beyond "
                                             "\u00b7 24 values of 3 seeds"));
    EXPECT_EQ(plot.accessibleDescription(), plot.readout());
    QTest::keyClick(&plot, Qt::Key_C, Qt::ControlModifier);
    EXPECT_EQ(QApplication::clipboard()->text(), plot.readout());
    QTest::keyClick(&plot, Qt::Key_Left);
    EXPECT_EQ(plot.markedBox(), 0);
}

TEST_F(BoxPlotTest, HasAnAxisThatHoldsOutliersAndNothingBelowZero)
{
    Box low = box(QStringLiteral("a"), -0.1);
    low.lowerWhisker = 0.0;
    low.outliers = {3.0};
    plot.setBoxes({low});
    EXPECT_EQ(plot.range().first, 0.0);
    EXPECT_GE(plot.range().second, 3.0);
    plot.setBoxes({box(QStringLiteral("a"), 0.0)}, /*growing=*/true);
    EXPECT_GE(plot.range().second, 3.0) << "it does not jump while a slider moves";
    plot.setBoxes({box(QStringLiteral("a"), 0.0)});
    EXPECT_LT(plot.range().second, 1.0);
}

QImage painted(const BoxPaper& paper)
{
    QImage image(500, 360, QImage::Format_RGB32);
    QPainter painter(&image);
    QFont font;
    font.setPixelSize(12);
    paintBoxes(painter, QRectF(image.rect()), paper, {Qt::white, Qt::black, Qt::darkGray}, font);
    return image;
}

bool isBlue(const QColor& pixel)
{
    return pixel.blue() > pixel.red() + 40 && pixel.blue() > pixel.green() + 40;
}
bool isGreen(const QColor& pixel)
{
    return pixel.green() > pixel.red() + 40 && pixel.green() > pixel.blue() + 40;
}

int count(const QImage& image, bool (*isIt)(const QColor&))
{
    int found = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            found += isIt(image.pixelColor(x, y)) ? 1 : 0;
        }
    }
    return found;
}

TEST_F(BoxPlotTest, GoesToPaperInItsColourForPaperWithTitleAndAxisName)
{
    Box one = box(QStringLiteral("a"), 0.0);
    one.printColor = Qt::blue;
    plot.setBoxes({one});
    BoxPaper paper = plot.onPaper();
    EXPECT_EQ(paper.range, plot.range());
    const QImage plain = painted(paper);
    EXPECT_GT(count(plain, isBlue), 100);
    EXPECT_EQ(count(plain, isGreen), 0) << "the colour on the screen";
    EXPECT_EQ(plain.pixelColor(0, 0), QColor(Qt::white)) << "whatever the theme";
    paper.title = QStringLiteral("distances");
    const QImage titled = painted(paper);
    EXPECT_NE(titled, plain);
    paper.valueTitle = QStringLiteral("distance");
    EXPECT_NE(painted(paper), titled);
}

TEST_F(BoxPlotTest, HatchesABoxThatIsOfAnotherStepAndNamesTheStep)
{
    Box one = box(QStringLiteral("a"), 0.0);
    EXPECT_EQ(drawnLabel(one), "a");
    const auto image = [](const Box& of) {
        QImage picture(260, 300, QImage::Format_RGB32);
        picture.fill(Qt::white);
        QPainter painter(&picture);
        QFont font;
        font.setPixelSize(12);
        const BoxLayout layout{QRectF(40, 10, 200, 240), {0.0, 0.6}, 1}; // the box from (108, 90) to (172, 170)
        paintBoxes(painter, {of}, layout, std::nullopt, {Qt::white, Qt::black, Qt::darkGray}, font, true);
        painter.end();
        return picture;
    };
    // Across the box between two lines of the axis: one tint, or lines with paper between them.
    const auto edges = [](const QImage& picture) {
        int changes = 0;
        for (int x = 112; x < 168; ++x) {
            changes += (picture.pixelColor(x, 120) == QColor(Qt::white)) !=
                               (picture.pixelColor(x + 1, 120) == QColor(Qt::white))
                           ? 1
                           : 0;
        }
        return changes;
    };
    EXPECT_EQ(edges(image(one)), 0);
    one.instead = QStringLiteral("step 20");
    EXPECT_EQ(drawnLabel(one), "a, step 20");
    const QImage hatched = image(one);
    EXPECT_GT(edges(hatched), 6);
    one.instead = QStringLiteral("step 30");
    EXPECT_NE(image(one), hatched) << "the label is painted";
}

TEST_F(BoxPlotTest, HasALegendOnPaperOnlyWhereALabelIsCut)
{
    BoxPaper paper;
    paper.boxes.assign(6, box(QStringLiteral("a"), 0.0));
    const int without = count(painted(paper), isGreen);
    for (Box& each : paper.boxes) {
        each.label = QStringLiteral("a name that is far longer than its column is wide");
    }
    QImage legend = painted(paper);
    const QImage lines = legend.copy(0, legend.height() - 60, legend.width(), 60); // below the boxes
    EXPECT_GT(count(lines, isGreen), 0);
    EXPECT_GT(without, 0);
    paper.boxes.resize(1);
    paper.boxes[0].label = QStringLiteral("a");
    const QImage short1 = painted(paper);
    EXPECT_EQ(count(short1.copy(0, short1.height() - 20, short1.width(), 20), isGreen), 0);
}

TEST_F(BoxPlotTest, PaintsTheBoxInItsColourBetweenItsQuartiles)
{
    plot.setBoxes({box(QStringLiteral("a"), 0.0)});
    const QImage image = plot.grab().toImage().scaled(plot.size());
    EXPECT_GT(count(image, isGreen), 100);
    plot.setBoxes({});
    plot.setEmptyText(QStringLiteral("nothing"));
    EXPECT_NE(plot.grab().toImage().scaled(plot.size()), image);
    QTest::keyClick(&plot, Qt::Key_Right);
    EXPECT_FALSE(plot.markedBox());
}

TEST_F(BoxPlotTest, SaysWhereNamesAreReadThatDoNotFit)
{
    const auto saysSomething = [this] { // in the line below the labels
        const QImage image = plot.grab().toImage().scaled(plot.size());
        bool found = false;
        for (int y = image.height() - 15; y < image.height() - 5; ++y) {
            for (int x = 10; x < image.width() - 10; ++x) {
                found = found || image.pixel(x, y) != image.pixel(10, image.height() - 5);
            }
        }
        return found;
    };
    plot.setBoxes({box(QStringLiteral("a"), 0.0)});
    EXPECT_FALSE(saysSomething());
    plot.setBoxes(std::vector<Box>(20, box(QStringLiteral("a name that is longer than its column is wide"), 0.0)));
    EXPECT_TRUE(saysSomething());
}

} // namespace
} // namespace dskd::viz
