#include "ui/pages/alignment/alignment_page.h"

#include "core/text/numbers.h"
#include "tests/ui/pages/page_fixture.h"
#include "ui/pages/alignment/alignment_texts.h"
#include "ui/pages/alignment/attention_store.h"
#include "ui/pages/alignment/coverage_lists.h"
#include "ui/pages/alignment/token_mark.h"
#include "ui/pages/alignment/token_rows.h"
#include "ui/pages/shared/picture_export_dialog.h"
#include "viz/heat_map_view.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QPainter>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTreeWidget>

namespace dskd::ui
{
namespace
{

class AlignmentPageTest : public PageTest
{
protected:
    void open(const std::vector<std::string>& shown)
    {
        m_page = std::make_unique<AlignmentPage>(*m_feed, *m_background);
        m_page->resize(1200, 800);
        m_page->show();
        m_page->setRuns(shown, {});
    }

    template <typename T>
    T* child(const char* name) const
    {
        return m_page->findChild<T*>(QString::fromLatin1(name));
    }

    QString text(const char* name) const { return child<QLabel>(name)->text(); }

    std::unique_ptr<AlignmentPage> m_page;
};

TEST_F(AlignmentPageTest, ReadoutOfACellIsTheStoredValue)
{
    const std::string cma = named("cma").front();
    open({cma});
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_page->findChild<TokenRows*>()->links().size() > 3; }));
    const auto stored = *reader(cma).heatMap("cma.t2s", 0);
    auto* view = child<viz::HeatMapView>("leftView");
    Q_EMIT view->cursorCellChanged(QPoint(4, 2)); // column 4, row 2
    const float value = stored.values.at(2 * stored.columnTokens.size() + 4);
    const QString readout = text("readout");
    EXPECT_EQ(readout, ui::readout(stored, std::nullopt, QPoint(4, 2)));
    EXPECT_TRUE(readout.endsWith(QString::fromStdString(text::number(static_cast<double>(value)))))
        << readout.toStdString();
    EXPECT_TRUE(readout.contains(QString::fromStdString(stored.rowTokens[2])));
    EXPECT_TRUE(readout.contains(QString::fromStdString(stored.columnTokens[4])));
}

TEST_F(AlignmentPageTest, AMapIsExportedAsAPictureInVectors)
{
    open({named("cma").front()});
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_page->findChild<TokenRows*>()->links().size() > 3; }));
    child<viz::HeatMapView>("leftView")->findChild<QAction*>(QStringLiteral("exportPicture"))->trigger();
    auto* dialog = m_page->findChild<PictureExportDialog*>();
    ASSERT_NE(dialog, nullptr);
    dialog->findChild<QComboBox*>(QStringLiteral("format"))->setCurrentIndex(1); // SVG
    const QString file = QString::fromStdString((*s_folder / "map.svg").string());
    dialog->writeTo(file);
    ASSERT_TRUE(QTest::qWaitFor([&] { return text("readout") == QStringLiteral("saved as ") + file; }));
    QFile written(file);
    ASSERT_TRUE(written.open(QIODevice::ReadOnly));
    const QByteArray svg = written.readAll();
    EXPECT_TRUE(svg.contains(text("leftTitle").toUtf8().left(8))) << "its title";
    EXPECT_TRUE(svg.contains("teacher</text>") && svg.contains("student</text>")) << "its axes";
}

TEST_F(AlignmentPageTest, SliderStepsThroughTheRecordedSteps)
{
    open({named("cma").front()});
    auto* slider = child<QSlider>("step");
    ASSERT_TRUE(QTest::qWaitFor([&] { return slider->maximum() == 1; })) << "maps of steps 50 and 100";
    EXPECT_EQ(text("stepText"), "step 100 of 100") << "begins with the newest";
    slider->setValue(0);
    EXPECT_EQ(text("stepText"), "step 50 of 100");
    EXPECT_TRUE(QTest::qWaitFor([&] { return text("leftTitle").endsWith("step 50"); }))
        << text("leftTitle").toStdString();
}

TEST_F(AlignmentPageTest, DifferenceOfAMapWithItselfIsZeroAndOfOtherTokensNone)
{
    store::HeatMapRow map = *reader(named("cma").front()).heatMap("cma.t2s", 0);
    const auto zero = difference(map, map);
    ASSERT_TRUE(zero);
    EXPECT_EQ(zero->values, std::vector<float>(map.values.size(), 0.0F));
    store::HeatMapRow other = map;
    other.rowTokens[1] = "another";
    EXPECT_FALSE(difference(map, other));
}

TEST_F(AlignmentPageTest, FollowsTheListUntilAnotherRunIsChosenHere)
{
    const std::vector<std::string> runs = named("cma");
    ASSERT_GE(runs.size(), 2U);
    open(runs);
    m_page->setRuns(runs, {runs[1]}); // before the first map has been read
    auto* run = child<QComboBox>("run");
    ASSERT_TRUE(QTest::qWaitFor([&] { return run->count() == static_cast<int>(runs.size()); }));
    EXPECT_EQ(run->currentData().toString().toStdString(), runs[1]);
    run->setCurrentIndex(0);
    m_page->setRuns(runs, {runs[1]});
    EXPECT_EQ(run->currentIndex(), 0) << "what was chosen here stays while the list's selection does";
    m_page->setRuns(runs, {runs[1], runs[0]});
    EXPECT_EQ(run->currentData().toString().toStdString(), runs[1]);
    EXPECT_EQ(child<QComboBox>("other")->currentData().toString().toStdString(), runs[0]);
}

TEST_F(AlignmentPageTest, KeepsWhatIsMeasuredAndHowMapsAreColoured)
{
    open({});
    const QSignalSpy spy(m_page.get(), &Page::stateChanged);
    child<QSpinBox>("numSamples")->setValue(20);
    child<QComboBox>("data")->setCurrentIndex(1);
    child<QCheckBox>("chunks")->setChecked(false);
    child<QCheckBox>("unitColours")->setChecked(true);
    EXPECT_EQ(spy.count(), 4);
    AlignmentPage other(*m_feed, *m_background);
    other.restoreState(m_page->savedState());
    EXPECT_EQ(other.savedState(), m_page->savedState());
    EXPECT_EQ(other.findChild<QSpinBox*>("numSamples")->value(), 20);
    other.restoreState({});
    EXPECT_TRUE(other.findChild<QCheckBox*>("chunks")->isChecked());
}

TEST_F(AlignmentPageTest, RunsWithoutAttentionGetAnExplanation)
{
    open({named("dual").front(), named("sft").front()});
    auto* stack = m_page->findChild<QStackedWidget*>();
    ASSERT_TRUE(QTest::qWaitFor([&] { return text("emptyState").startsWith("None of the 2 shown runs"); }));
    EXPECT_TRUE(text("emptyState").contains("method.alignment = cma"));
    EXPECT_TRUE(text("emptyState").contains("log.probe_every"));
    EXPECT_EQ(stack->currentIndex(), 0);
    m_page->setRuns({}, {});
    EXPECT_TRUE(text("emptyState").startsWith("No run is shown."));
}

TEST(TokenRows, LinkTheCursorsRowToItsStrongestColumns)
{
    TokenRows rows;
    rows.setMap({{"a", "b"}, {"x", "y", "z"}, {0.9F, 0.1F, 0.0F, 0.2F, 0.3F, 0.5F}}, "teacher", "student");
    ASSERT_EQ(rows.links().size(), 2U) << "without a cursor the strongest of each row";
    EXPECT_EQ(rows.links()[1].column, 2);
    rows.setCursorCell(QPoint(0, 1));
    ASSERT_EQ(rows.links().size(), 3U);
    EXPECT_EQ(rows.links()[0].column, 2);
    EXPECT_EQ(rows.links()[1].column, 1);
    EXPECT_EQ(rows.links()[2].row, 1);
}

TEST(TokenRows, SelectTokensByKeysAndGoToTheirPartners)
{
    TokenRows rows;
    rows.setTokens(
        {{"to", align::Mark::Chunk, 0, 1}, {"day", align::Mark::Chunk, 0, 1}, {"!", align::Mark::Exact, 1, 2}},
        {{"today", align::Mark::Chunk, 0, 2}, {"!", align::Mark::Exact, 2, 3}, {" ", align::Mark::Unaligned}},
        "teacher", "student");
    rows.resize(600, rows.sizeHint().height());
    const QSignalSpy spy(&rows, &TokenRows::selectionChanged);
    QTest::keyClick(&rows, Qt::Key_Right);
    EXPECT_EQ(rows.selected(), (TokenRows::Place{false, 0}));
    QTest::keyClick(&rows, Qt::Key_Right);
    QTest::keyClick(&rows, Qt::Key_Up);
    EXPECT_EQ(rows.selected(), (TokenRows::Place{true, 2})) << "the partner of !";
    QTest::keyClick(&rows, Qt::Key_Home);
    QTest::keyClick(&rows, Qt::Key_Down);
    EXPECT_EQ(rows.selected(), (TokenRows::Place{false, 0})) << "today";
    EXPECT_EQ(spy.count(), 5);
    QTest::mouseClick(&rows, Qt::LeftButton, {}, rows.boxOf({true, 1}).center().toPoint());
    EXPECT_EQ(rows.selected(), (TokenRows::Place{true, 1}));
    rows.setTokens(rows.tokens(true), rows.tokens(false), "teacher", "student");
    EXPECT_EQ(rows.selected(), (TokenRows::Place{true, 1})) << "the same tokens";
    rows.setTokens({{"other"}}, {}, "teacher", "student");
    EXPECT_FALSE(rows.selected());
    EXPECT_FALSE(rows.grab().isNull());
}

TEST(TokenRows, TellMarksApartByColourAndByShape)
{
    const auto picture = [](align::Mark mark) {
        QImage image(20, 20, QImage::Format_ARGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        paintMark(painter, mark, {10, 10}, 8);
        return image;
    };
    const QImage exact = picture(align::Mark::Exact);
    const QImage chunk = picture(align::Mark::Chunk);
    const QImage unaligned = picture(align::Mark::Unaligned);
    EXPECT_NE(exact.pixel(10, 10), chunk.pixel(10, 10)) << "colour";
    EXPECT_EQ(qGray(unaligned.pixel(10, 10)), 255) << "a ring";
    EXPECT_NE(qGray(exact.pixel(14, 14)), 255) << "a disc reaches where a diamond does not";
    EXPECT_EQ(qGray(chunk.pixel(15, 15)), 255);
}

TEST(CoverageLists, RankUnalignedTokensByFrequencyAndByClass)
{
    align::CoverageReport report;
    report.uncovered = {{1, "9", align::TokenClass::Number, 1000, 0},
                        {2, "the", align::TokenClass::Word, 900, 1},
                        {3, "a", align::TokenClass::Word, 800, 2},
                        {4, "8", align::TokenClass::Number, 20, 3}};
    CoverageLists lists;
    lists.setReport(report);
    auto* tokens = lists.findChild<QTreeWidget*>(QStringLiteral("unalignedTokens"));
    const auto order = [tokens] {
        QStringList texts;
        for (int i = 0; i < tokens->topLevelItemCount(); ++i) {
            texts << tokens->topLevelItem(i)->text(0);
        }
        return texts;
    };
    EXPECT_EQ(order(), QStringList({"9", "the", "a", "8"})) << "most frequent first, as numbers and not as texts";
    tokens->sortByColumn(1, Qt::DescendingOrder);
    EXPECT_EQ(order(), QStringList({"the", "a", "9", "8"})) << "1,700 words before 1,020 numbers";
    tokens->sortByColumn(2, Qt::AscendingOrder);
    EXPECT_EQ(order(), QStringList({"8", "a", "the", "9"}));
    const QString words = QString::fromStdString(std::string(align::rowOf(align::TokenClass::Word).title));
    const QString numbers = QString::fromStdString(std::string(align::rowOf(align::TokenClass::Number).title));
    const auto* classes = lists.findChild<QLabel*>(QStringLiteral("unalignedClasses"));
    EXPECT_EQ(classes->text(), words + QStringLiteral(" 1,700 \u00b7 ") + numbers + QStringLiteral(" 1,020"));
    lists.clear();
    EXPECT_TRUE(classes->text().isEmpty());
}

TEST(AlignmentTexts, NameWhatTheAlignmentOfTheRunRecords)
{
    for (const config::AlignmentRow& row : config::kAlignments) {
        if (row.attends || row.pairsRows || row.matchesSpellings) {
            EXPECT_TRUE(
                noMap(row).contains("method.alignment = " + QString::fromStdString(std::string(row.name)) + " "));
        }
    }
    EXPECT_TRUE(noMap(config::rowOf(config::Alignment::MinEd)).contains("record no map"));
    EXPECT_TRUE(noMap(config::rowOf(config::Alignment::Eta)).contains("once"));
    EXPECT_TRUE(noMap(config::rowOf(config::Alignment::Cla)).contains("log.probe_every"));
    EXPECT_TRUE(noMap(config::rowOf(config::Alignment::Cla)).endsWith("or those that log.probe_lines names."));
    EXPECT_TRUE(noRunAligns(2).endsWith("or those that log.probe_lines names.")) << noRunAligns(2).toStdString();
}

TEST(AlignmentTexts, GiveAMatchOfSpellingsItsOwnName)
{
    EXPECT_EQ(markName(align::Mark::Exact, config::rowOf(config::Alignment::MinEd)), "matched");
    EXPECT_EQ(markName(align::Mark::Exact, config::rowOf(config::Alignment::Eta)), "exact");
    MarkLegend legend;
    legend.setAlignment(config::rowOf(config::Alignment::MinEd));
    EXPECT_EQ(legend.accessibleName(), "Legend: matched, chunk, unaligned");
}

} // namespace
} // namespace dskd::ui
