#include "viz/box_plot.h"

#include <QApplication>
#include <QClipboard>
#include <QTest>
#include <gtest/gtest.h>

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

TEST_F(BoxPlotTest, ExportsWhatItShows)
{
    Box one = box(QStringLiteral("a \"b\""), 0.0);
    one.outliers = {0.05, 0.9};
    plot.setBoxes({one});
    EXPECT_EQ(plot.toCsv(), "box,lower whisker,lower quartile,median,upper quartile,upper whisker,outliers\n"
                            "\"a \"\"b\"\"\",0.1,0.2,0.25,0.4,0.5,0.05 0.9\n");
}

TEST_F(BoxPlotTest, PaintsTheBoxInItsColourBetweenItsQuartiles)
{
    plot.setBoxes({box(QStringLiteral("a"), 0.0)});
    const QImage image = plot.grab().toImage().scaled(plot.size());
    int green = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const QColor pixel = image.pixelColor(x, y);
            green += pixel.green() > pixel.red() + 40 && pixel.green() > pixel.blue() + 40 ? 1 : 0;
        }
    }
    EXPECT_GT(green, 100);
    plot.setBoxes({});
    plot.setEmptyText(QStringLiteral("nothing"));
    EXPECT_NE(plot.grab().toImage().scaled(plot.size()), image);
    QTest::keyClick(&plot, Qt::Key_Right);
    EXPECT_FALSE(plot.markedBox());
}

} // namespace
} // namespace dskd::viz
