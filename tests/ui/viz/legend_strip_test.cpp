#include "viz/legend_strip.h"

#include <QListWidget>
#include <QTest>
#include <QTextDocumentFragment>
#include <QToolButton>
#include <gmock/gmock.h>

namespace dskd::viz
{
namespace
{

using testing::HasSubstr;

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

TEST(LegendStrip, UsesItsWidthBeforeItHidesAnything)
{
    LegendStrip legend;
    std::vector<LegendEntry> entries;
    for (int i = 0; i < 5; ++i) {
        entries.push_back({QStringLiteral("dual, seed %1").arg(10 * i), {}, Qt::blue, false});
    }
    legend.show("loss", entries);
    legend.setMostLines(1);
    legend.resize(1600, legend.heightForWidth(1600));
    EXPECT_EQ(legend.hiddenEntries(), 0) << "five short names stand beside one another";
    legend.setMostLines(3);
    EXPECT_EQ(legend.heightForWidth(1600), legend.heightForWidth(5000)) << "in one line, then";
    EXPECT_GT(legend.heightForWidth(420), legend.heightForWidth(1600)) << "it wraps";
    legend.setMostLinesIn(3 * legend.heightForWidth(420));
    EXPECT_LE(legend.heightForWidth(120), legend.heightForWidth(420)) << "a third of the chart is the most";
}

TEST(LegendStrip, CutsLongNamesBeforeItHidesEntries)
{
    LegendStrip legend;
    std::vector<LegendEntry> entries;
    for (int i = 0; i < 12; ++i) {
        entries.push_back(
            {QStringLiteral("a long name of a run in the student space, seed %1").arg(i), {}, Qt::blue, false});
    }
    legend.setMostLines(3);
    legend.show("loss", entries);
    legend.resize(900, 100);
    EXPECT_GE(12 - legend.hiddenEntries(), 3 * 3 - 1) << "three columns of three lines, one cell counts the others";
    entries.resize(2);
    legend.show("loss", entries);
    EXPECT_EQ(legend.heightForWidth(900), legend.heightForWidth(5000)) << "two whole names fit in one line";
}

TEST(LegendStrip, ListsWhatDoesNotFitByKeyboardToo)
{
    LegendStrip legend;
    legend.resize(400, 100);
    std::vector<LegendEntry> entries;
    for (int i = 0; i < 40; ++i) {
        entries.push_back({QStringLiteral("run %1").arg(i), QStringLiteral("2.5"), Qt::blue, false});
    }
    legend.show("loss, step 60", entries);
    legend.setVisible(true);
    auto* more = legend.findChild<QToolButton*>(QStringLiteral("moreEntries"));
    ASSERT_TRUE(more->isVisible());
    EXPECT_EQ(more->text(), QStringLiteral("%1 more").arg(legend.hiddenEntries()));
    EXPECT_NE(more->focusPolicy() & Qt::TabFocus, 0);
    EXPECT_TRUE(legend.rect().contains(more->geometry()));
    QTest::keyClick(more, Qt::Key_Space);
    auto* list = legend.findChild<QListWidget*>(QStringLiteral("allEntries"));
    ASSERT_NE(list, nullptr);
    ASSERT_EQ(list->count(), 40);
    EXPECT_EQ(list->item(39)->text(), "run 39: 2.5");
    EXPECT_EQ(list->currentRow(), 40 - legend.hiddenEntries());
    QTest::keyClick(list, Qt::Key_Down);
    EXPECT_EQ(list->currentRow(), 41 - legend.hiddenEntries());
    QTest::keyClick(list, Qt::Key_Escape);
    EXPECT_FALSE(list->isVisible());
    entries.resize(2);
    legend.show("loss", entries);
    EXPECT_FALSE(more->isVisible());
}

} // namespace
} // namespace dskd::viz
