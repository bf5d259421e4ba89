#include "ui/models/status_mark.h"

#include "ui/look/theme.h"

#include <QApplication>
#include <QImage>
#include <QPalette>
#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

TEST(Marks, ASelectedRowKeepsItsSwatchInBothThemes)
{
    for (const Appearance appearance : {Appearance::Light, Appearance::Dark}) {
        applyTheme(*qApp, appearance);
        const QColor selection = qApp->palette().color(QPalette::Highlight);
        const QColor frame = qApp->palette().color(QPalette::HighlightedText);
        for (int color = 0; color < 12; ++color) {
            const QImage picture = runSwatch(color).pixmap(QSize(12, 12), QIcon::Selected).toImage();
            ASSERT_FALSE(picture.isNull());
            const QPoint centre(picture.width() / 2, picture.height() / 2);
            EXPECT_EQ(picture.pixelColor(centre), runColor(color)) << color;
            EXPECT_EQ(picture.pixelColor(0, 0), frame) << color;
            EXPECT_NE(picture.pixelColor(0, 0), selection) << "the frame tells it from the selected row";
        }
    }
    applyTheme(*qApp, Appearance::Light);
}

TEST(Marks, TheBarOfAnExperimentHasTheSharesOfItsStates)
{
    StateCounts counts;
    counts.done = 2;
    counts.failed = 1;
    counts.missing = 1;
    EXPECT_EQ(counts.total(), 4U);
    const QImage bar = stateBar(counts).pixmap(QSize(32, 16)).toImage();
    const auto at = [&](double share) {
        return bar.pixelColor(static_cast<int>(bar.width() * share), bar.height() / 2);
    };
    EXPECT_EQ(at(0.1), palette().good);
    EXPECT_EQ(at(0.4), palette().good);
    EXPECT_EQ(at(0.6), palette().bad);
    EXPECT_EQ(at(0.9), palette().raised) << "what is missing";
}

} // namespace
} // namespace dskd::ui
