#include "ui/pages/compare/compare_page.h"

#include "core/base/regular_file.h"
#include "core/jobs/compare.h"
#include "core/metrics/metric_table.h"
#include "tests/ui/pages/page_fixture.h"
#include "ui/pages/compare/comparison_model.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFont>
#include <QLabel>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTableView>

namespace dskd::ui
{
namespace
{

class ComparePageTest : public PageTest
{
protected:
    jobs::ComparisonTable expected() const
    {
        auto workspace = store::WorkspaceDb::open(s_folder->path()).value();
        return jobs::comparisonTable(jobs::compareRuns(workspace, s_ids).value());
    }

    void openAndCompare()
    {
        m_page = std::make_unique<ComparePage>(*m_feed, *m_series, *m_background);
        m_page->resize(1200, 800);
        m_page->show();
        QSignalSpy compared(m_page.get(), &ComparePage::compared);
        m_page->setRuns(s_ids, {});
        ASSERT_TRUE(QTest::qWaitFor([&] { return !compared.isEmpty(); }));
    }

    int column(const QString& title) const
    {
        for (int at = 0; at < m_page->model().columnCount(); ++at) {
            if (m_page->model().headerData(at, Qt::Horizontal).toString() == title) {
                return at;
            }
        }
        return -1;
    }

    QVariant at(int row, int column, int role = Qt::DisplayRole) const
    {
        return m_page->model().data(m_page->model().index(row, column), role);
    }

    std::unique_ptr<ComparePage> m_page;
};

TEST_F(ComparePageTest, TableEqualsTheOneOfTheCommandLine)
{
    openAndCompare();
    const jobs::ComparisonTable table = expected();
    ASSERT_EQ(m_page->model().rowCount(), static_cast<int>(table.rows.size()));
    EXPECT_EQ(m_page->model().table().fields, table.fields);
    EXPECT_EQ(m_page->model().table().metrics, table.metrics);
    const int loss = column("validation loss (best)");
    ASSERT_GT(loss, 0);
    for (int row = 0; row < m_page->model().rowCount(); ++row) {
        const jobs::ComparisonRow& line = table.rows[static_cast<std::size_t>(row)];
        EXPECT_EQ(at(row, 0).toString().toStdString(), line.label);
        EXPECT_TRUE(at(row, 0, Qt::ToolTipRole).toString().contains(QString::fromStdString(line.label)));
        EXPECT_TRUE(at(row, loss).toString().toStdString().starts_with(
            jobs::summaryText("validation.loss.best", line.cells[0].value)));
        EXPECT_EQ(at(row, loss, Qt::FontRole).value<QFont>().bold(), line.cells[0].rank.mark == jobs::Mark::Best);
        EXPECT_EQ(at(row, loss).toString().contains(QStringLiteral("\u2020")),
                  line.cells[0].rank.mark == jobs::Mark::Tie);
    }
    EXPECT_EQ(m_page->findChild<QTableView*>()->textElideMode(), Qt::ElideMiddle) << "seeds and ends of names stay";
    const auto* legend = m_page->findChild<QLabel*>(QStringLiteral("comparisonLegend"));
    ASSERT_NE(legend, nullptr);
    EXPECT_EQ(legend->text().toStdString(), jobs::markNote(table, "Bold", false));
    EXPECT_TRUE(legend->text().contains("paired t-test over 3 shared seeds")) << legend->text().toStdString();
}

TEST_F(ComparePageTest, TheFirstResultStandsBesideTheNamesAndWhatDiffersBeforeTheOthers)
{
    openAndCompare();
    const jobs::ComparisonTable& table = m_page->model().table();
    const auto fields = static_cast<int>(table.fields.size());
    ASSERT_GT(fields, 0);
    ASSERT_GT(table.metrics.size(), 1U);
    ASSERT_EQ(table.metrics.front(), "validation.loss.best");
    EXPECT_EQ(column("validation loss (best)"), 1);
    constexpr int kFirstField = 3; // behind the difference to the baseline
    EXPECT_GE(column("space"), kFirstField);
    EXPECT_LT(column("space"), kFirstField + fields);
    EXPECT_EQ(column("seeds"), kFirstField + fields);
    EXPECT_EQ(column(QString::fromStdString(metrics::shownTitle(table.metrics[1]))), kFirstField + fields + 1);
    EXPECT_EQ(m_page->model().headerData(column("space"), Qt::Horizontal, Qt::ToolTipRole).toString(),
              "<qt>method.space</qt>");
}

QString noteOf(const ComparePage& page)
{
    for (const QLabel* label : page.findChildren<QLabel*>()) {
        if (label->text().contains(QStringLiteral(" differ in "))) {
            return label->text();
        }
    }
    return {};
}

TEST_F(ComparePageTest, MeasuresAgainstTheRowThatAPersonChoosesAndKeepsIt)
{
    openAndCompare();
    EXPECT_TRUE(m_page->savedState().isEmpty());
    auto* view = m_page->findChild<QTableView*>();
    ASSERT_NE(view, nullptr);
    int dual = 0;
    while (at(dual, 0).toString() != "dual") {
        ASSERT_LT(++dual, m_page->model().rowCount());
    }
    view->setCurrentIndex(m_page->model().index(dual, 0));
    auto* measure = m_page->findChild<QAction*>(QStringLiteral("measureAgainst"));
    ASSERT_TRUE(measure->isEnabled());
    QSignalSpy compared(m_page.get(), &ComparePage::compared);
    QSignalSpy changed(m_page.get(), &Page::stateChanged);
    measure->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !compared.isEmpty(); }));
    EXPECT_EQ(changed.size(), 1);
    const int delta = column("validation loss (best)") + 1;
    EXPECT_EQ(at(dual, delta).toString(), "baseline");
    EXPECT_TRUE(at(0, delta).toString().startsWith('+'))
        << "SFT has the higher loss: " << at(0, delta).toString().toStdString();
    const QString hint = at(0, column("ROUGE-L (best), %") + 1, Qt::ToolTipRole).toString();
    EXPECT_TRUE(hint.contains(" percentage points against dual")) << hint.toStdString();
    EXPECT_TRUE(noteOf(*m_page).endsWith("measured against dual")) << noteOf(*m_page).toStdString();

    const QJsonObject state = m_page->savedState();
    ComparePage again(*m_feed, *m_series, *m_background);
    again.restoreState(state);
    EXPECT_EQ(again.savedState(), state);

    compared.clear();
    m_page->findChild<QAction*>(QStringLiteral("defaultBaseline"))->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !compared.isEmpty(); }));
    EXPECT_EQ(at(0, delta).toString(), "baseline") << "SFT again";
    EXPECT_TRUE(m_page->savedState().isEmpty());
}

TEST_F(ComparePageTest, SaysThatTheChosenBaselineIsNotShown)
{
    m_page = std::make_unique<ComparePage>(*m_feed, *m_series, *m_background);
    m_page->restoreState({{QStringLiteral("baseline"), QStringLiteral("gone")}});
    m_page->show();
    QSignalSpy compared(m_page.get(), &ComparePage::compared);
    m_page->setRuns(s_ids, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !compared.isEmpty(); }));
    EXPECT_TRUE(noteOf(*m_page).contains("the chosen baseline is not shown")) << noteOf(*m_page).toStdString();
}

TEST_F(ComparePageTest, ItsSentenceWrapsBesideTheButtons)
{
    openAndCompare();
    m_page->resize(560, 800);
    const QLabel* note = nullptr;
    for (const QLabel* label : m_page->findChildren<QLabel*>()) {
        note = label->text() == noteOf(*m_page) ? label : note;
    }
    ASSERT_NE(note, nullptr);
    const int whole = note->fontMetrics().horizontalAdvance(note->text());
    ASSERT_TRUE(QTest::qWaitFor([&] { return note->width() < whole; })) << "else this tests nothing";
    EXPECT_TRUE(QTest::qWaitFor([&] { return note->height() >= note->heightForWidth(note->width()); }))
        << note->width() << " x " << note->height();
}

TEST_F(ComparePageTest, CountsInTheRightForm)
{
    m_page = std::make_unique<ComparePage>(*m_feed, *m_series, *m_background);
    m_page->show();
    QSignalSpy compared(m_page.get(), &ComparePage::compared);
    m_page->setRuns({named("student").front(), named("dual").front()}, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !compared.isEmpty(); }));
    EXPECT_EQ(noteOf(*m_page).toStdString(), "2 configurations differ in 1 field; one seed each");
}

TEST_F(ComparePageTest, BaselineIsNamedAndTheOthersAreMeasuredAgainstIt)
{
    openAndCompare();
    const int delta = column("validation loss (best)") + 1;
    EXPECT_EQ(m_page->model().headerData(delta, Qt::Horizontal).toString(), QStringLiteral("\u0394"));
    QStringList baselines;
    for (int row = 0; row < m_page->model().rowCount(); ++row) {
        const QString text = at(row, delta).toString();
        if (text == "baseline") {
            baselines.append(at(row, 0).toString());
        }
        EXPECT_TRUE(text == "baseline" || text.startsWith('-') || text.startsWith('+')) << text.toStdString();
    }
    EXPECT_EQ(baselines, QStringList("sft")) << "the run without a teacher";
}

TEST_F(ComparePageTest, CopiesAsTabsAndAsLatex)
{
    openAndCompare();
    m_page->copyTsv();
    const QString tabs = QApplication::clipboard()->text();
    EXPECT_EQ(tabs.count('\n'), m_page->model().rowCount() + 1);
    EXPECT_EQ(tabs.section('\n', 0, 0).count('\t'), m_page->model().columnCount() - 1);
    m_page->copyLatex();
    const QString latex = QApplication::clipboard()->text();
    EXPECT_TRUE(latex.startsWith("\\begin{tabular}")) << latex.toStdString();
    EXPECT_FALSE(latex.contains(QStringLiteral("\u0394"))) << latex.toStdString();
    EXPECT_FALSE(latex.left(latex.indexOf("\\bottomrule")).contains("baseline"));
    EXPECT_EQ(latex.toStdString(), jobs::toLatex(expected()));
    const test::TemporaryFolder folder;
    const std::filesystem::path file = folder / "table.csv";
    m_page->exportTo(QString::fromStdString(file.string()));
    ASSERT_TRUE(QTest::qWaitFor([&] { return std::filesystem::exists(file); }));
    EXPECT_EQ(readTextFile(file).value(), jobs::toCsv(expected()));
}

TEST_F(ComparePageTest, SaysThatNoRunIsShown)
{
    openAndCompare();
    m_page->setRuns({}, {});
    EXPECT_TRUE(m_page->findChild<QLabel*>(QStringLiteral("emptyState"))->text().startsWith("No run is shown."));
    EXPECT_EQ(m_page->findChild<QStackedWidget*>()->currentIndex(), 0);
}

TEST(ComparisonModel, KeepsTheRulesOfModelsWhileItsTableChanges)
{
    ComparisonModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    jobs::ComparisonTable table;
    table.fields = {"method.space"};
    table.metrics = {"validation.loss.best", "loss.last"};
    jobs::ComparisonRow row;
    row.label = "dual";
    row.seeds = row.done = 1;
    row.fields = {"dual"};
    row.cells = {{jobs::Summary{1, 2.5, 0.0}, std::nullopt, std::nullopt}, {}};
    table.rows = {row};
    model.setTable(table, {Qt::red});
    EXPECT_EQ(model.rowCount(), 1);
    EXPECT_EQ(model.columnCount(), 5) << "label, a metric, one field, seeds, a metric; nothing to differ from";
    EXPECT_EQ(model.data(model.index(0, 4)).toString(), QStringLiteral("\u2013"));
    const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    table.rows[0].cells[0].value->mean = 2.25;
    model.setTable(table, {Qt::red});
    EXPECT_EQ(resets.size(), 0) << "the same shape keeps selection and scroll position";
    EXPECT_EQ(model.data(model.index(0, 1)).toString(), "2.250");
    table.rows.push_back(row);
    table.rows[0].cells[0].rank = {jobs::Mark::Worse, 1, jobs::PairedTest{jobs::Pairing::Seeds, 3, 0.0027}};
    table.rows[1].label = "diff";
    table.rows[1].cells[0].rank = {jobs::Mark::Best, 1, std::nullopt};
    model.setTable(table, {Qt::red, Qt::blue});
    EXPECT_EQ(model.rowCount(), 2);
    const QModelIndex worse = model.index(0, 1);
    const QModelIndex best = model.index(1, 1);
    EXPECT_FALSE(model.data(worse, Qt::FontRole).value<QFont>().bold());
    EXPECT_TRUE(model.data(best, Qt::FontRole).value<QFont>().bold());
    EXPECT_TRUE(model.data(worse, Qt::ToolTipRole).toString().contains("p = 0.0027 against diff: paired t-test over 3"))
        << model.data(worse, Qt::ToolTipRole).toString().toStdString();
    table.rows[1].cells[0].rank.mark = jobs::Mark::Tie;
    model.setTable(table, {Qt::red, Qt::blue});
    EXPECT_FALSE(model.data(best, Qt::FontRole).value<QFont>().bold());
    EXPECT_EQ(model.data(best).toString(), QStringLiteral("2.500 \u2020"));
    model.setTable({}, {});
    EXPECT_EQ(model.rowCount(), 0);
}

TEST(ComparisonModel, ShortensPathsWhileTheyTellTheRowsApart)
{
    jobs::ComparisonTable table;
    table.fields = {"student.model"};
    table.rows.resize(2);
    table.rows[0].fields = {"/models/gpt2"};
    table.rows[1].fields = {"/models/llama"};
    ComparisonModel model;
    model.setTable(table, {});
    EXPECT_EQ(model.data(model.index(0, 1)).toString(), "gpt2");
    EXPECT_EQ(model.data(model.index(0, 1), Qt::ToolTipRole).toString(), "<qt>/models/gpt2</qt>");
    table.rows[1].fields = {"/others/gpt2"};
    model.setTable(table, {});
    EXPECT_EQ(model.data(model.index(0, 1)).toString(), "/models/gpt2");
}

} // namespace
} // namespace dskd::ui
