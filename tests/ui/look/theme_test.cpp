#include "ui/look/run_shades.h"
#include "ui/look/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QImage>
#include <QScrollBar>
#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

class Theme : public testing::TestWithParam<Appearance>
{
protected:
    Theme() { applyTheme(*qApp, GetParam()); }
    ~Theme() override { applyTheme(*qApp, Appearance::Light); }
};

TEST(Contrast, IsThatOfWcag)
{
    EXPECT_NEAR(contrast(Qt::black, Qt::white), 21.0, 1e-9);
    EXPECT_NEAR(contrast(Qt::white, Qt::white), 1.0, 1e-9);
    EXPECT_NEAR(contrast(QColor("#777777"), Qt::white), 4.48, 0.005) << "the known grey that just fails 4.5:1";
}

TEST_P(Theme, HasTextThatReads)
{
    const Palette& p = palette();
    for (const QColor& ground : {p.surface, p.raised, p.sunken}) {
        EXPECT_GE(contrast(p.text, ground), 7.0);
        EXPECT_GE(contrast(p.muted, ground), 4.5);
        if (ground != p.sunken) { // in wells nothing has a tone
            for (const QColor& tone : {p.good, p.warn, p.bad, p.accent}) {
                EXPECT_GE(contrast(tone, ground), 4.5) << tone.name().toStdString();
            }
        }
    }
    const QPalette qt = QApplication::palette();
    EXPECT_GE(contrast(qt.color(QPalette::HighlightedText), qt.color(QPalette::Highlight)), 4.5);
}

TEST_P(Theme, HasOutlinesOfControlsAndAFocusRingThatAreSeen)
{
    const Palette& p = palette();
    for (const QColor& ground : {p.surface, p.raised, p.sunken}) {
        EXPECT_GE(contrast(p.faint, ground), 3.0) << "check boxes, handles of scroll bars";
        EXPECT_GE(contrast(p.accent, ground), 3.0);
    }
}

// As it is painted, since a style may do otherwise than its sheet says.
TEST_P(Theme, PaintsTheHandleOfAScrollBarThreeToOneOnItsGroove)
{
    for (const Qt::Orientation orientation : {Qt::Vertical, Qt::Horizontal}) {
        QScrollBar bar(orientation);
        const bool upright = orientation == Qt::Vertical;
        bar.setRange(0, 100);
        bar.setPageStep(100); // the handle is the first half
        bar.resize(upright ? QSize(bar.sizeHint().width(), 300) : QSize(300, bar.sizeHint().height()));
        const QImage image = bar.grab().toImage();
        const int across = (upright ? image.width() : image.height()) / 2;
        const int along = upright ? image.height() : image.width();
        const auto at = [&](int place) {
            return upright ? image.pixelColor(across, place) : image.pixelColor(place, across);
        };
        EXPECT_GE(contrast(at(along / 5), at(4 * along / 5)), 3.0);
    }
}

TEST_P(Theme, CutsALongChoiceInItsMiddleAndKeepsRoomForTheOthers)
{
    QComboBox box;
    box.addItem(QStringLiteral("step"));
    box.ensurePolished();
    const int narrow = box.sizeHint().width();
    box.show();
    box.addItem(QStringLiteral("active time of a run"));
    EXPECT_GT(box.sizeHint().width(), narrow) << "also texts that come later have room";
    const QString longName = QStringLiteral("a name that begins like another and has its difference at its end, 7");
    box.addItem(longName);
    box.addItem(QString(longName).replace(QLatin1Char('7'), QLatin1Char('8')));
    box.resize(160, box.sizeHint().height());
    box.setCurrentIndex(2);
    const QImage seven = box.grab().toImage();
    box.setCurrentIndex(3);
    EXPECT_NE(box.grab().toImage(), seven) << "its end is seen";
}

INSTANTIATE_TEST_SUITE_P(InBoth, Theme, testing::Values(Appearance::Light, Appearance::Dark));

} // namespace
} // namespace dskd::ui
