#include "ui/pages/matrix/matrix_page.h"

#include "core/jobs/experiments.h"
#include "core/jobs/run_folder.h"
#include "tests/support/latex_grammar.h"
#include "tests/support/sample_matrix.h"
#include "tests/ui/pages/page_fixture.h"
#include "ui/pages/matrix/field_chooser.h"
#include "ui/pages/matrix/matrix_model.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QFont>
#include <QJsonArray>
#include <QLabel>
#include <QMenu>
#include <QSignalSpy>
#include <QTableView>
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class MatrixPageTest : public PageTest
{
protected:
    void openPage(MatrixState state = {})
    {
        m_page = std::make_unique<MatrixPage>(*m_feed, *m_background);
        m_page->restoreState(toJson(state));
        m_page->resize(1000, 600);
        m_page->show();
        m_page->setRuns(s_ids, {});
        ASSERT_TRUE(QTest::qWaitFor([this] { return m_page->model().rowCount() > 0; }));
    }
    // Does something that has the matrix made anew, and waits for it.
    template <typename Act>
    void andWait(Act act)
    {
        QSignalSpy shown(m_page.get(), &MatrixPage::matrixShown);
        act();
        ASSERT_TRUE(QTest::qWaitFor([&] { return !shown.isEmpty(); }));
    }
    jobs::Matrix expected(const jobs::MatrixRequest& request = {}) const
    {
        auto workspace = store::WorkspaceDb::open(s_folder->path()).value();
        return jobs::readMatrix(workspace, s_ids, {}, request).value();
    }
    QString at(int row, int column, int role = Qt::DisplayRole) const
    {
        return m_page->model().data(m_page->model().index(row, column), role).toString();
    }
    QString textOf(const char* label) const { return m_page->findChild<QLabel*>(QString::fromLatin1(label))->text(); }

    std::unique_ptr<MatrixPage> m_page;
};

TEST_F(MatrixPageTest, TableEqualsTheOneOfTheCommandLine)
{
    openPage();
    const jobs::Matrix matrix = expected();
    const jobs::MatrixText texts(matrix, jobs::Spread::Deviation, jobs::MatrixStyle::Window);
    ASSERT_EQ(m_page->model().rowCount(), 5) << "a row for each method";
    ASSERT_EQ(m_page->model().columnCount(), 1);
    for (std::size_t row = 0; row < matrix.rows.size(); ++row) {
        const auto line = static_cast<int>(row);
        const jobs::MatrixCell& cell = matrix.cell(row, 0);
        EXPECT_EQ(m_page->model().headerData(line, Qt::Vertical).toString().toStdString(), matrix.rows[row].front());
        EXPECT_TRUE(at(line, 0).startsWith(QString::fromStdString(texts.value(cell)))) << at(line, 0).toStdString();
        EXPECT_EQ(at(line, 0).contains("\u2020"), cell.rank.mark == jobs::Mark::Tie);
        EXPECT_TRUE(at(line, 0).endsWith(QStringLiteral("n=%1").arg(cell.value->count))) << at(line, 0).toStdString();
        const QFont font = m_page->model().data(m_page->model().index(line, 0), Qt::FontRole).value<QFont>();
        EXPECT_EQ(font.bold(), cell.rank.mark == jobs::Mark::Best);
    }
    EXPECT_EQ(m_page->model().headerData(0, Qt::Horizontal).toString().toStdString(), texts.metric());
    EXPECT_EQ(textOf("matrixTitle"), "validation loss (best) by method");
    EXPECT_TRUE(textOf("matrixLegend").contains("paired t-test over 3 shared seeds")) << "which test, on how many";
    EXPECT_TRUE(textOf("matrixLegend").contains("Bold: better than every other value of the table."));
}

TEST_F(MatrixPageTest, PinsABaselineAndShowsSignedDifferences)
{
    openPage();
    andWait([this] { m_page->pinBaseline(MatrixPage::Part::Row, m_page->model().index(0, 0)); });
    EXPECT_EQ(m_page->state().request.baseline, (std::map<std::string, std::string>{{"method", "sft"}}));
    EXPECT_TRUE(at(0, 0).contains("baseline")) << at(0, 0).toStdString();
    const jobs::Matrix matrix = expected(m_page->state().request);
    const jobs::MatrixText texts(matrix, jobs::Spread::Deviation, jobs::MatrixStyle::Window);
    for (int row = 1; row < 5; ++row) {
        const std::string delta = texts.delta(matrix.cells[static_cast<std::size_t>(row)]);
        EXPECT_TRUE(delta.starts_with('-')) << "distillation ends lower than fine-tuning";
        EXPECT_TRUE(at(row, 0).section('\n', 1).startsWith(QString::fromStdString(delta))) << at(row, 0).toStdString();
    }
}

TEST_F(MatrixPageTest, KeepsWhatWasArranged)
{
    MatrixState state;
    state.request.rows = {"method.space"};
    state.request.columns = {"method.objective"};
    state.request.metric = "validation.rouge_l.best";
    state.request.within = jobs::BestWithin::Table;
    state.request.pairing = jobs::Pairing::Seeds;
    state.request.revisions = jobs::Revisions::All;
    state.request.baseline = {{"method.space", "diff"}};
    state.spread = jobs::Spread::Interval;
    const MatrixState back = matrixStateFrom(toJson(state));
    EXPECT_EQ(back.request.rows, state.request.rows);
    EXPECT_EQ(back.request.columns, state.request.columns);
    EXPECT_EQ(back.request.metric, state.request.metric);
    EXPECT_EQ(back.request.within, state.request.within);
    EXPECT_EQ(back.request.pairing, state.request.pairing);
    EXPECT_EQ(back.request.revisions, jobs::Revisions::All);
    EXPECT_EQ(back.request.baseline, state.request.baseline);
    EXPECT_EQ(back.spread, state.spread);
    const MatrixState strange = matrixStateFrom({{"rows", QJsonArray{"no.such", 3}}, {"spread", "?"}, {"best", 7}});
    EXPECT_THAT(strange.request.rows, IsEmpty());
    EXPECT_EQ(strange.spread, jobs::Spread::Deviation);

    openPage(state);
    EXPECT_EQ(m_page->findChild<QComboBox*>("metric")->currentData().toString(), "validation.rouge_l.best");
    EXPECT_EQ(m_page->findChild<QComboBox*>("spread")->currentData().toInt(), static_cast<int>(jobs::Spread::Interval));
    EXPECT_EQ(m_page->findChild<FieldChooser*>("rows")->text(), "space");
    EXPECT_TRUE(textOf("matrixLegend").contains("95 % interval"));
}

TEST_F(MatrixPageTest, LeavesOutABaselineThatTheseRunsDoNotHave)
{
    MatrixState state;
    state.request.baseline = {{"method", "gkd"}};
    openPage(state);
    EXPECT_TRUE(textOf("matrixNotice").contains("method = gkd")) << textOf("matrixNotice").toStdString();
    EXPECT_THAT(m_page->state().request.baseline, SizeIs(1)) << "it is kept for runs that have it";
    EXPECT_THAT(m_page->model().matrix().baseline, IsEmpty());
}

TEST(FieldChooser, GivesWayAndKeepsAllFieldsInItsToolTip)
{
    FieldChooser chooser;
    const std::vector<std::string> fields{"method.space", "method.distance", "method.objective", "train.lr"};
    chooser.setFields(fields, fields, fields);
    EXPECT_LT(chooser.minimumSizeHint().width(), chooser.sizeHint().width() / 2);
    for (const char* title : {"space", "distance", "objective"}) {
        EXPECT_TRUE(chooser.text().contains(title)) << chooser.text().toStdString();
        EXPECT_TRUE(chooser.toolTip().contains(title)) << chooser.toolTip().toStdString();
    }
}

TEST_F(MatrixPageTest, FieldsAreTickedInTheMenusOfTheAxes)
{
    openPage();
    auto* columns = m_page->findChild<FieldChooser*>("columns");
    EXPECT_EQ(columns->text(), "none");
    Q_EMIT columns->menu()->aboutToShow();
    QStringList offered;
    QAction* objective = nullptr;
    for (QAction* action : columns->menu()->actions()) {
        offered.append(action->text());
        objective = action->text() == "objective" ? action : objective;
    }
    EXPECT_EQ(offered.front(), "Automatic");
    EXPECT_TRUE(offered.contains("method"));
    ASSERT_NE(objective, nullptr) << offered.join(' ').toStdString();
    EXPECT_FALSE(objective->isChecked());
    QSignalSpy changed(m_page.get(), &Page::stateChanged);
    andWait([&] { objective->trigger(); });
    EXPECT_THAT(m_page->state().request.columns, ElementsAre("method.objective"));
    EXPECT_EQ(columns->text(), "objective");
    EXPECT_EQ(m_page->model().columnCount(), 2);
    EXPECT_EQ(changed.size(), 1) << "the window keeps it";
}

TEST_F(MatrixPageTest, EnterAndDoubleClickSelectTheRunsOfACell)
{
    openPage();
    std::vector<std::vector<std::string>> selected;
    QObject::connect(m_page.get(), &Page::selectRequested, m_page.get(),
                     [&](const std::vector<std::string>& ids) { selected.push_back(ids); });
    auto* view = m_page->findChild<QTableView*>();
    view->setFocus();
    view->setCurrentIndex(m_page->model().index(0, 0));
    QTest::keyClick(view, Qt::Key_Return);
    EXPECT_THAT(selected, ElementsAre(named("sft")));
    selected.clear();
    const QPoint cell = view->visualRect(m_page->model().index(1, 0)).center();
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, cell); // as a hand does before the second click
    QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, cell);
    EXPECT_THAT(selected, ElementsAre(named("diff")));
}

TEST_F(MatrixPageTest, CopiesLatexCsvAndTheValueOfACell)
{
    openPage();
    m_page->copyLatex();
    const std::string latex = QApplication::clipboard()->text().toStdString();
    EXPECT_THAT(test::LatexGrammar(latex).problems(), IsEmpty()) << latex;
    EXPECT_EQ(latex, jobs::toLatex(expected(), jobs::Spread::Deviation));
    m_page->copyCsv();
    EXPECT_EQ(QApplication::clipboard()->text().count('\n'), 6);
    EXPECT_TRUE(QApplication::clipboard()->text().contains(QString::fromStdString(s_ids.front())));
    const test::TemporaryFolder folder;
    const std::filesystem::path file = folder / "matrix.tex";
    m_page->saveTo(QString::fromStdString(file.string()));
    EXPECT_TRUE(QTest::qWaitFor([&] { return std::filesystem::exists(file); }));
    auto* view = m_page->findChild<QTableView*>();
    view->setCurrentIndex(m_page->model().index(0, 0));
    view->findChild<QAction*>("copyValue")->trigger();
    EXPECT_EQ(QApplication::clipboard()->text().toDouble(), expected().cells[0].value->mean) << "full precision";
}

TEST_F(MatrixPageTest, SaysThatNoRunIsShown)
{
    openPage();
    m_page->setRuns({}, {});
    EXPECT_TRUE(m_page->findChild<QLabel*>(QStringLiteral("emptyState"))->text().startsWith("No run is shown."));
}

// A workspace with an experiment of four runs, one of which is there.
class MatrixPageWithMissingRuns : public testing::Test
{
protected:
    MatrixPageWithMissingRuns()
    {
        setenv("DSKD", "/bin/true", 1); // in place of the queue runner: nothing is to be started
        config::Plan plan;
        plan.base = test::experimentWith({});
        plan.axes = {{"method.space", {"diff", "dual"}}, {"method.distance", {"kl", "rkl"}}};
        const auto row = jobs::saveExperiment(m_workspace, "ablation", plan).value();
        m_planned = jobs::missingRuns(m_workspace, row).value();
        (void)jobs::createRuns(m_workspace, {m_planned[0]}, store::Queueing::No, {row.id, row.revision}).value();
        m_experiment = row.id;
    }
    ~MatrixPageWithMissingRuns() override { unsetenv("DSKD"); }

    std::vector<std::string> runs() { return store::ExperimentTable(m_workspace).runs(m_experiment); }
    bool waitForRuns(std::size_t count)
    {
        return QTest::qWaitFor([&] { return runs().size() == count; });
    }

    test::TemporaryFolder m_folder;
    store::WorkspaceDb m_workspace = store::WorkspaceDb::create(m_folder / "w").value();
    std::vector<config::Experiment> m_planned; // kl and rkl in diff, then in dual
    std::int64_t m_experiment = 0;
};

TEST_F(MatrixPageWithMissingRuns, AClickOrEnterOnAMissingCellQueuesIt)
{
    WorkspaceFeed feed(m_workspace.layout().root);
    Background background(QStringLiteral("test"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return feed.loaded() && !feed.runs().empty(); }));
    MatrixPage page(feed, background);
    page.resize(1000, 600);
    page.show();
    page.setRuns(runs(), {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return page.model().rowCount() == 2 && page.model().columnCount() == 2; }));
    auto* view = page.findChild<QTableView*>();
    const auto cell = [&](int row, int column) { return page.model().index(row, column); };
    EXPECT_EQ(page.model().data(cell(0, 0)).toString(), "created") << "made and never started";
    EXPECT_EQ(page.model().data(cell(1, 1)).toString(), QStringLiteral("planned\n1 run"));
    EXPECT_TRUE(page.model().data(cell(1, 1), Qt::AccessibleTextRole).toString().endsWith("planned, 1 run"));
    EXPECT_TRUE(page.model().data(cell(1, 1), Qt::ToolTipRole).toString().contains("to queue the missing run"));

    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(cell(0, 0)).center());
    EXPECT_THAT(runs(), SizeIs(1)) << "a click on a cell that has its run";
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(cell(1, 1)).center());
    EXPECT_TRUE(page.findChild<QLabel*>("matrixNotice")->text().contains("1 run is put into the queue"));
    ASSERT_TRUE(waitForRuns(2));
    EXPECT_THAT(m_workspace.queue(), SizeIs(1));
    ASSERT_TRUE(QTest::qWaitFor([&] { return feed.runs().size() == 2; }));
    page.setRuns(runs(), {}); // as the list does
    ASSERT_TRUE(QTest::qWaitFor([&] { return page.model().data(cell(1, 1)).toString() == "queued"; }));

    feed.runThese(m_experiment, {m_planned[3]}); // that of the cell, once more
    view->setCurrentIndex(cell(0, 1));
    QTest::keyClick(view, Qt::Key_Return);
    ASSERT_TRUE(waitForRuns(3)) << "what is there is not made again";
    EXPECT_THAT(m_workspace.queue(), SizeIs(2));
}

TEST_F(MatrixPageWithMissingRuns, ABoxBringsBackTheRunsOfFormerRevisions)
{
    config::Plan plan;
    plan.base = test::experimentWith({{"train.lr", "0.25"}});
    plan.axes = {{"method.space", {"diff", "dual"}}, {"method.distance", {"kl", "rkl"}}};
    const auto row = jobs::saveExperiment(m_workspace, "ablation", plan).value();
    const auto planned = jobs::missingRuns(m_workspace, row).value();
    const auto made = jobs::createRuns(m_workspace, {planned[1]}, store::Queueing::No, {row.id, row.revision}).value();
    WorkspaceFeed feed(m_workspace.layout().root);
    Background background(QStringLiteral("test"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return feed.loaded() && feed.runs().size() == 2; }));
    MatrixPage page(feed, background);
    page.resize(1000, 600);
    page.show();
    page.setRuns(runs(), {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return page.model().rowCount() > 0; }));
    const auto shownRuns = [&] {
        std::vector<std::string> ids;
        for (const jobs::MatrixCell& cell : page.model().matrix().cells) {
            for (const jobs::MatrixRun& run : cell.runs) {
                ids.push_back(run.runId);
            }
        }
        return ids;
    };
    EXPECT_EQ(shownRuns(), made);
    auto* former = page.findChild<QCheckBox*>("formerRevisions");
    ASSERT_TRUE(former->isVisible());
    EXPECT_FALSE(former->isChecked());
    EXPECT_TRUE(page.findChild<QLabel*>("matrixLegend")->text().contains("1 run of a former revision is not shown."));
    former->setFocus();
    QTest::keyClick(former, Qt::Key_Space);
    ASSERT_TRUE(QTest::qWaitFor([&] { return shownRuns().size() == 2; }));
    EXPECT_TRUE(former->isVisible()) << "or nobody could take them out again";
    EXPECT_TRUE(page.findChild<QLabel*>("matrixLegend")->text().contains("\u2021: has runs of a former revision"));
}

TEST(MatrixModel, CutsLongValuesInTheMiddleAndKeepsThemWholeElsewhere)
{
    const std::string common(60, 'x');
    jobs::MatrixInput input;
    for (const char* end : {"-one", "-two"}) {
        test::addSeeds(input, {{"student.model", "/m/begin-" + common + end}}, {0.25});
    }
    MatrixModel model;
    model.setMatrix(jobs::makeMatrix(std::move(input), {}).value(), jobs::Spread::Deviation);
    ASSERT_EQ(model.rowCount(), 2);
    const QString whole = QString::fromStdString("begin-" + common + "-one");
    const QString shown = model.headerData(0, Qt::Vertical).toString();
    EXPECT_LE(shown.size(), 40);
    EXPECT_TRUE(shown.startsWith("begin-") && shown.endsWith("-one")) << shown.toStdString();
    EXPECT_TRUE(model.headerData(0, Qt::Vertical, Qt::ToolTipRole).toString().contains(whole));
    EXPECT_EQ(model.headerData(0, Qt::Vertical, Qt::AccessibleTextRole).toString(), whole);
    EXPECT_TRUE(jobs::toLatex(model.matrix(), jobs::Spread::Deviation).find(whole.toStdString()) != std::string::npos);
    EXPECT_TRUE(model.data(model.index(0, 0), Qt::ToolTipRole).toString().contains("mean 25 %"));
}

TEST(MatrixModel, KeepsTheRulesOfModelsWhileItsMatrixChanges)
{
    MatrixModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    const auto matrixOf = [](jobs::MatrixInput input) {
        return jobs::makeMatrix(std::move(input), test::distanceBySpace()).value();
    };
    model.setMatrix(matrixOf(test::sampleMatrix()), jobs::Spread::Deviation);
    EXPECT_EQ(model.rowCount(), 2);
    EXPECT_EQ(model.columnCount(), 2);
    EXPECT_EQ(model.data(model.index(0, 1)).toString(), QStringLiteral("31.00 \u00b1 1.00 \u2020\nn=3"));
    EXPECT_EQ(model.title(), "ROUGE-L (best), %: distance down, space across");
    EXPECT_EQ(model.placeOf(model.index(1, 0)), "rkl, diff");
    const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    model.setMatrix(model.matrix(), jobs::Spread::Interval);
    EXPECT_EQ(resets.size(), 0) << "the same shape keeps selection and scroll position";
    EXPECT_EQ(model.data(model.index(0, 1)).toString(), QStringLiteral("31.00 \u00b1 2.48 \u2020\nn=3"));
    jobs::MatrixInput more = test::sampleMatrix();
    more.outcomes.push_back(test::outcomeWith({{"distance", "skl"}, {"space", "dual"}}, 1, 0.3, jobs::Status::Running));
    model.setMatrix(matrixOf(more), jobs::Spread::Deviation);
    EXPECT_EQ(model.rowCount(), 3);
    EXPECT_EQ(model.data(model.index(2, 1)).toString(), QStringLiteral("30.00\nn=1, 1 running"));
    EXPECT_FALSE(model.data(model.index(2, 1), Qt::DecorationRole).isNull()) << "a mark beside the word";
    EXPECT_TRUE(model.data(model.index(0, 0), Qt::FontRole).value<QFont>().bold());
    EXPECT_TRUE(model.data(model.index(0, 0), Qt::AccessibleTextRole).toString().endsWith("the best"));
    EXPECT_EQ(model.data(model.index(0, 1), Qt::AccessibleTextRole).toString(),
              QStringLiteral("kl, dual: 31.00 \u00b1 1.00, n=3, tied with the best"))
        << "a mark is a word where nobody sees it";
    more.outcomes.back().status = jobs::Status::Stopped;
    more.outcomes.back().values.clear();
    model.setMatrix(matrixOf(more), jobs::Spread::Deviation);
    EXPECT_EQ(model.data(model.index(2, 1)).toString(), "stopped");
    EXPECT_TRUE(model.data(model.index(2, 1), Qt::ToolTipRole).toString().contains("seeds 1 (stopped)"));
    EXPECT_EQ(model.data(model.index(2, 0)).toString(), QStringLiteral("\u2013"));
    EXPECT_TRUE(model.data(model.index(2, 0), Qt::AccessibleTextRole).toString().endsWith("missing"));
    model.setMatrix({}, jobs::Spread::Deviation);
    EXPECT_EQ(model.rowCount(), 0);
}

} // namespace
} // namespace dskd::ui
