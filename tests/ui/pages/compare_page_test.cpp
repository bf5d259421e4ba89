#include "ui/pages/compare/compare_page.h"

#include "core/jobs/compare.h"
#include "tests/ui/pages/page_fixture.h"
#include "ui/pages/compare/comparison_model.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QFont>
#include <QLabel>
#include <QSignalSpy>
#include <QStackedWidget>

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
    int best = 0;
    for (int row = 0; row < m_page->model().rowCount(); ++row) {
        const jobs::ComparisonRow& line = table.rows[static_cast<std::size_t>(row)];
        EXPECT_EQ(at(row, 0).toString().toStdString(), line.label);
        EXPECT_EQ(at(row, loss).toString().toStdString(), jobs::summaryText(line.cells[0].value));
        EXPECT_EQ(at(row, loss, Qt::FontRole).value<QFont>().bold(), line.cells[0].best);
        best += line.cells[0].best ? 1 : 0;
    }
    EXPECT_EQ(best, 1);
}

TEST_F(ComparePageTest, ResultsComeBeforeTheConfigurationThatDiffers)
{
    openAndCompare();
    const int space = column("space");
    const int loss = column("validation loss (best)");
    EXPECT_EQ(loss, 2) << "behind the label and the seeds, also in a narrow window";
    EXPECT_GT(space, loss);
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
    EXPECT_TRUE(latex.contains("\\textbf{"));
    const QString csv = m_page->model().toCsv();
    EXPECT_EQ(csv.count('\n'), m_page->model().rowCount() + 1);
    EXPECT_TRUE(csv.contains("validation.loss.best.mean"));
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
    row.cells = {{jobs::Summary{1, 2.5, 0.0}, std::nullopt, std::nullopt, false}, {}};
    table.rows = {row};
    model.setTable(table, {Qt::red});
    EXPECT_EQ(model.rowCount(), 1);
    EXPECT_EQ(model.columnCount(), 5) << "label, seeds, one field, two metrics; nothing to differ from";
    EXPECT_EQ(model.data(model.index(0, 3)).toString(), QStringLiteral("\u2013"));
    const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    table.rows[0].cells[0].value->mean = 2.25;
    model.setTable(table, {Qt::red});
    EXPECT_EQ(resets.size(), 0) << "the same shape keeps selection and scroll position";
    EXPECT_EQ(model.data(model.index(0, 2)).toString(), "2.250");
    table.rows.push_back(row);
    model.setTable(table, {Qt::red, Qt::blue});
    EXPECT_EQ(model.rowCount(), 2);
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
    EXPECT_EQ(model.data(model.index(0, 2)).toString(), "gpt2");
    EXPECT_EQ(model.data(model.index(0, 2), Qt::ToolTipRole).toString(), "/models/gpt2");
    table.rows[1].fields = {"/others/gpt2"};
    model.setTable(table, {});
    EXPECT_EQ(model.data(model.index(0, 2)).toString(), "/models/gpt2");
}

} // namespace
} // namespace dskd::ui
