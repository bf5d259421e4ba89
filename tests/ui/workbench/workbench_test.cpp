// The whole window with real programs: a run from the dialog to its end, windows that come and go, and a window that
// goes on answering whatever happens around it.

#include "app/workbench/compose.h"
#include "core/base/run_layout.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/launch.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "core/store/database.h"
#include "core/store/run_reader.h"
#include "core/store/workspace_db.h"
#include "tests/support/paths.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"
#include "tests/ui/workbench/event_loop_watch.h"
#include "ui/experiment/experiment_dialog.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/main_window.h"
#include "ui/window/message_bar.h"
#include "ui/window/run_list.h"
#include "viz/curve_chart.h"

#include <QAction>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QTabWidget>
#include <QTest>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <map>
#include <numeric>

namespace dskd
{
namespace
{

class WorkbenchTest : public testing::Test
{
protected:
    WorkbenchTest()
    {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                           QString::fromStdString((folder / "settings").string()));
    }
    ~WorkbenchTest() override
    {
        bench.reset();
        for (const std::string& id : started) { // nothing outlives the test
            (void)jobs::killWorker(layout(id));
        }
    }

    [[nodiscard]] std::filesystem::path root() const { return folder / "w"; }
    [[nodiscard]] RunLayout layout(const std::string& id) const { return WorkspaceLayout{root()}.run(id); }

    void open()
    {
        bench = std::make_unique<workbench::Workbench>(root());
        bench->window().show();
    }
    ui::RunTreeModel& model() { return bench->window().runModel(); }
    [[nodiscard]] std::string cell(const std::string& id, int column)
    {
        return model().indexOf(id).siblingAtColumn(column).data().toString().toStdString();
    }

    // Ctrl+N, a small experiment on the demo pair, Start.
    std::string startFromDialog(int steps)
    {
        bench->window().findChild<QAction*>("newExperiment")->trigger();
        auto* dialog = bench->window().findChild<ui::ExperimentDialog*>();
        EXPECT_NE(dialog, nullptr);
        auto experiment = config::loadExperiment(test::sourceDir() + "/experiments/demo/dual.json").value();
        for (const char* change :
             {"data.limit=40", "data.validation_limit=10", "train.batch_size=2", "data.max_length=48",
              "data.max_prompt_length=32", "validation.every=1000000", "log.probe_every=0",
              "validation.generate_samples=0", "train.device=cpu", "train.threads=1", "checkpoint.every=20"}) {
            const std::string text = change;
            config::setField(experiment, text.substr(0, text.find('=')), text.substr(text.find('=') + 1)).value();
        }
        experiment.train.steps = steps;
        experiment.name = "from the dialog"; // and its runs' group
        dialog->load(experiment);
        QTest::mouseClick(dialog->findChild<QPushButton*>("start"), Qt::LeftButton);
        std::string id;
        EXPECT_TRUE(QTest::qWaitFor(
            [&] {
                for (const store::RunRow& run : store::WorkspaceDb::open(root()).value().runs()) {
                    id = run.group == experiment.name ? run.id : id;
                }
                return !id.empty() && model().indexOf(id).isValid();
            },
            20'000));
        started.push_back(id);
        return id;
    }
    // The steps that the loss chart holds of one run.
    [[nodiscard]] std::vector<int> drawnSteps(const std::string& id)
    {
        model().setShown({id});
        std::vector<int> steps;
        for (auto* chart : bench->window().findChildren<viz::CurveChart*>()) {
            std::map<QString, std::vector<int>> curves; // a chart may hold several metrics of the run
            for (const QString& line : chart->toCsv().split('\n', Qt::SkipEmptyParts).mid(1)) {
                curves[line.section(',', 0, -3)].push_back(line.section(',', -2, -2).toInt());
            }
            for (auto& [label, curve] : curves) {
                if (curve.size() > steps.size()) { // the loss is logged most often
                    steps = std::move(curve);
                }
            }
        }
        return steps;
    }

    test::TemporaryFolder folder;
    std::unique_ptr<workbench::Workbench> bench;
    std::vector<std::string> started;
};

TEST_F(WorkbenchTest, ARunFromTheDialogIsSeenToItsEnd)
{
    ASSERT_TRUE(store::WorkspaceDb::create(root()));
    open();
    const std::string id = startFromDialog(30);
    ASSERT_TRUE(QTest::qWaitFor([&] { return cell(id, ui::RunTreeModel::State) == "done"; }, 90'000))
        << cell(id, ui::RunTreeModel::State) << jobs::readStatus(layout(id)).sentence;
    EXPECT_EQ(cell(id, ui::RunTreeModel::Step), "30 / 30");
    std::vector<int> expected(30);
    std::iota(expected.begin(), expected.end(), 1);
    EXPECT_TRUE(QTest::qWaitFor([&] { return drawnSteps(id) == expected; }, 5000))
        << "every logged step is drawn once, not " << testing::PrintToString(drawnSteps(id));
}

TEST_F(WorkbenchTest, ClosingAndReopeningWhileAWorkerTrainsLosesNothing)
{
    ASSERT_TRUE(store::WorkspaceDb::create(root()));
    open();
    const std::string id = startFromDialog(100'000);
    ASSERT_TRUE(QTest::qWaitFor([&] { return drawnSteps(id).size() >= 5; }, 60'000));
    const std::size_t before = drawnSteps(id).size();
    bench.reset();
    EXPECT_TRUE(jobs::isAlive(jobs::readStatus(layout(id)).status)) << "the worker is not the window's";
    const std::int64_t closedAt = jobs::readStatus(layout(id)).step;
    ASSERT_TRUE(QTest::qWaitFor([&] { return jobs::readStatus(layout(id)).step > closedAt; }, 20'000));
    open();
    ASSERT_TRUE(QTest::qWaitFor([&] { return drawnSteps(id).size() > before; }, 20'000));
    const std::vector<int> steps = drawnSteps(id);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        ASSERT_EQ(steps[i], static_cast<int>(i) + 1) << "without a gap, each step once";
    }
    bench->window().runList().select({id});
    bench->window().findChild<QAction*>("stop")->trigger();
    EXPECT_TRUE(QTest::qWaitFor([&] { return cell(id, ui::RunTreeModel::State) == "stopped"; }, 30'000));
}

TEST_F(WorkbenchTest, AnswersWithinAHundredMillisecondsWhateverHappens)
{
    auto workspace = store::WorkspaceDb::create(root()).value();
    const auto ids = test::fillSampleWorkspace(workspace, "", 300);
    open();
    ASSERT_TRUE(QTest::qWaitFor([&] { return model().rowCount() > 0; }, 20'000));
    const std::string id = startFromDialog(100'000);
    ASSERT_TRUE(QTest::qWaitFor([&] { return jobs::readStatus(layout(id)).step > 3; }, 60'000));
    bench->window().runList().select({id});
    auto* bottom = bench->window().findChild<QTabWidget*>("bottomPanel");
    bottom->setCurrentIndex(1);
    const auto* log = qobject_cast<QPlainTextEdit*>(bottom->widget(1));
    ASSERT_NE(log, nullptr);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !log->toPlainText().isEmpty(); }, 20'000)); // it is being read

    const auto pid = jobs::readStatus(layout(id)).pid;
    ASSERT_TRUE(pid);
    test::EventLoopWatch watch;
    ASSERT_EQ(kill(*pid, SIGSTOP), 0);
    EXPECT_TRUE(QTest::qWaitFor([&] { return cell(id, ui::RunTreeModel::State) == "stalled"; }, 10'000));
    EXPECT_LT(watch.longest(), 100) << "with a stalled worker";
    {
        const store::Database locked(root() / "workspace.db", store::Database::Access::ReadWrite);
        locked.execute("BEGIN EXCLUSIVE");
        const store::Database lockedRun(layout(id).database(), store::Database::Access::ReadWrite);
        lockedRun.execute("BEGIN EXCLUSIVE");
        // a note waits for the lock until that fails
        bench->window().findChild<QPlainTextEdit*>("Note")->setPlainText("while locked");
        EXPECT_TRUE(QTest::qWaitFor([&] { return bench->window().messages().isVisible(); }, 20'000));
        EXPECT_LT(watch.longest(), 100) << "with locked databases";
    }
    std::ofstream file(layout(id).log(), std::ios::app);
    const std::string line(999, 'x');
    for (int i = 0; i < 100'000; ++i) {
        file << line << '\n';
        if (i % 1000 == 0) {
            QCoreApplication::processEvents();
        }
    }
    file.close();
    EXPECT_TRUE(QTest::qWaitFor([&] { return log->toPlainText().trimmed().endsWith("xxx"); }, 20'000));
    EXPECT_LT(watch.longest(), 100) << "with a log of 100 MB";
    kill(*pid, SIGKILL);
}

} // namespace
} // namespace dskd
