#include "ui/window/bottom_panel.h"

#include "core/jobs/queue_state.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_writer.h"
#include "core/store/workspace_db.h"
#include "tests/support/temporary_folder.h"
#include "ui/feed/background.h"
#include "ui/models/queue_model.h"

#include <QCheckBox>
#include <QLabel>
#include <QTabBar>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::HasSubstr;

class BottomPanelTest : public testing::Test
{
protected:
    std::string queued(const std::string& name)
    {
        config::Experiment experiment;
        experiment.name = name;
        experiment.student.model = "/student";
        experiment.teacher.model = "/teacher";
        experiment.data.train = "/train.jsonl";
        const std::string id = jobs::createRun(workspace, experiment).value();
        (void)workspace.enqueue(id).value();
        return id;
    }
    void fail(const std::string& id)
    {
        auto writer = store::RunWriter::open(workspace.layout().run(id)).value();
        writer->beginAttempt(std::nullopt).value();
        writer->addEvent(0, store::kFailedEvent, "The data file is gone.");
        writer->endAttempt(14, "The data file is gone.").value();
    }
    void open()
    {
        QObject::connect(&feed, &WorkspaceFeed::queueChanged, &panel, &BottomPanel::refreshQueue);
        QObject::connect(&feed, &WorkspaceFeed::runsChanged, &panel, &BottomPanel::refreshQueue);
        panel.resize(900, 200);
        panel.show();
        ASSERT_TRUE(QTest::qWaitFor([&] { return feed.loaded(); }, 20'000));
        panel.refreshQueue();
    }
    QTableView* view() { return panel.findChild<QTableView*>("queue"); }
    std::string order()
    {
        std::string ids;
        for (int row = 0; row < view()->model()->rowCount(); ++row) {
            ids += view()->model()->index(row, QueueModel::Run).data().toString().toStdString() + " ";
        }
        return ids;
    }

    test::TemporaryFolder folder;
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
    WorkspaceFeed feed{folder / "w"};
    Background background{QStringLiteral("test")};
    BottomPanel panel{feed, background};
};

TEST_F(BottomPanelTest, WithNothingInItItFoldsAndAClickOpensIt)
{
    open();
    EXPECT_TRUE(panel.folded());
    EXPECT_EQ(panel.maximumHeight(), panel.tabBar()->sizeHint().height());
    QTest::mouseClick(panel.tabBar(), Qt::LeftButton, Qt::NoModifier, panel.tabBar()->tabRect(0).center());
    EXPECT_FALSE(panel.folded());
    EXPECT_EQ(panel.maximumHeight(), QWIDGETSIZE_MAX);
    QTest::mouseClick(panel.tabBar(), Qt::LeftButton, Qt::NoModifier, panel.tabBar()->tabRect(0).center());
    EXPECT_TRUE(panel.folded());
    queued("a");
    EXPECT_TRUE(QTest::qWaitFor([&] { return !panel.folded(); }, 20'000)) << "there is something to see";
    EXPECT_TRUE(QTest::qWaitFor([&] { return panel.minimumHeight() == 0; }, 5'000)) << "it may be made small again";
}

TEST_F(BottomPanelTest, PausesAndContinuesTheQueue)
{
    queued("a");
    open();
    auto* pause = panel.findChild<QToolButton*>("queuePause");
    auto* end = panel.findChild<QLabel*>("queueEnd");
    pause->click();
    EXPECT_TRUE(QTest::qWaitFor([&] { return end->text().startsWith("Paused"); }, 20'000));
    EXPECT_TRUE(jobs::queuePaused(workspace));
    EXPECT_THAT(pause->accessibleName().toStdString(), HasSubstr("Continue"));
    auto* continues = panel.findChild<QCheckBox*>("continueAfterFailure");
    EXPECT_TRUE(continues->isChecked());
    continues->click();
    EXPECT_TRUE(QTest::qWaitFor([&] { return !jobs::continuesAfterFailure(workspace); }, 20'000));
    EXPECT_TRUE(jobs::queuePaused(workspace)) << "that is another matter";
}

TEST_F(BottomPanelTest, TheKeyboardMovesWaitingRuns)
{
    queued("a");
    queued("b");
    queued("c");
    open();
    ASSERT_TRUE(QTest::qWaitFor([&] { return view()->model()->rowCount() == 3; }, 20'000));
    panel.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&panel));
    view()->setFocus();
    view()->selectRow(2);
    QTest::keyClick(view(), Qt::Key_Up, Qt::AltModifier);
    EXPECT_TRUE(QTest::qWaitFor([&] { return order().find('c') < order().find('b'); }, 20'000)) << order();
    EXPECT_EQ(view()->currentIndex().row(), 1) << "the run stays selected";
    QTest::keyClick(view(), Qt::Key_Delete);
    EXPECT_TRUE(QTest::qWaitFor([&] { return view()->model()->rowCount() == 2; }, 20'000));
    EXPECT_EQ(order().find('c'), std::string::npos);
}

TEST_F(BottomPanelTest, NamesTheRunsThatFailedInTheQueue)
{
    const std::string id = queued("breaks");
    queued("waits");
    ASSERT_EQ(workspace.takeNext(), id);
    open();
    auto* failed = panel.findChild<QLabel*>("queueFailed");
    ASSERT_TRUE(QTest::qWaitFor([&] { return view()->model()->rowCount() == 2; }, 20'000));
    EXPECT_TRUE(failed->isHidden());
    fail(id);
    workspace.dequeue(id);
    EXPECT_TRUE(QTest::qWaitFor([&] { return !failed->isHidden(); }, 20'000)) << feed.find(id)->status.sentence;
    EXPECT_THAT(failed->text().toStdString(), HasSubstr("1 failed: breaks"));
}

TEST_F(BottomPanelTest, ARunThatHadFailedBeforeAndIsTakenOutIsNoFailureOfTheQueue)
{
    const std::string id = queued("broke before");
    queued("waits");
    workspace.dequeue(id);
    fail(id);
    (void)workspace.enqueue(id).value();
    open();
    ASSERT_TRUE(QTest::qWaitFor([&] { return view()->model()->rowCount() == 2; }, 20'000));
    workspace.dequeue(id);
    ASSERT_TRUE(QTest::qWaitFor([&] { return view()->model()->rowCount() == 1; }, 20'000));
    ASSERT_TRUE(QTest::qWaitFor([&] { return feed.find(id)->status.status == jobs::Status::Failed; }, 20'000));
    panel.refreshQueue();
    EXPECT_TRUE(panel.findChild<QLabel*>("queueFailed")->isHidden());
}

} // namespace
} // namespace dskd::ui
