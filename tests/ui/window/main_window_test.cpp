#include "ui/window/main_window.h"

#include "tests/ui/window/main_window_fixture.h"
#include "ui/window/message_bar.h"

#include <QDockWidget>
#include <QHeaderView>
#include <QPushButton>
#include <QSignalSpy>
#include <gmock/gmock.h>
#include <set>

namespace dskd::ui
{
namespace
{

using testing::HasSubstr;
using testing::SizeIs;

TEST_F(Window, TurnsToTheRunThatItHasJustStarted)
{
    window->runModel().setShown({ids.front()});
    config::Experiment experiment;
    experiment.name = "mine";
    experiment.student.model = "/no/student";
    experiment.teacher.model = "/no/teacher";
    experiment.data.train = "/no/train.jsonl";
    feed->add({experiment}); // in no group, of which nothing is shown
    ASSERT_TRUE(QTest::qWaitFor([&] { return window->runModel().shownRuns().size() == 2; }, 10'000));
    ASSERT_THAT(window->runList().selected(), SizeIs(1));
    const std::string added = window->runList().selected().front();
    EXPECT_EQ(feed->find(added)->row.name, "mine");
    EXPECT_THAT(window->runModel().shownRuns(), testing::UnorderedElementsAre(ids.front(), added));
}

TEST_F(Window, EveryActionHasATextATipAndKeysOfItsOwn)
{
    std::set<QString> keys;
    int actions = 0;
    for (const auto* action : window->findChildren<QAction*>()) {
        if (action->objectName().isEmpty() || action->objectName().startsWith("_q_") || !action->isVisible()) {
            continue;
        }
        ++actions;
        EXPECT_FALSE(action->text().isEmpty()) << action->objectName().toStdString();
        EXPECT_FALSE(action->toolTip().isEmpty()) << action->objectName().toStdString();
        if (!action->shortcut().isEmpty()) {
            EXPECT_TRUE(keys.insert(action->shortcut().toString()).second)
                << action->shortcut().toString().toStdString() << " is used twice";
        }
    }
    EXPECT_GT(actions, 20);
}

TEST_F(Window, AFailedCommandIsShownUntilItIsDismissed)
{
    feed->rename("no-such-run", "x");
    EXPECT_TRUE(QTest::qWaitFor([this] { return !window->messages().text().isEmpty(); }, 5000));
    EXPECT_THAT(window->messages().text().toStdString(), HasSubstr("no-such-run"));
    QSignalSpy snapshots(feed.get(), &WorkspaceFeed::runsChanged);
    feed->setNote(ids[0], "anything that makes a snapshot");
    EXPECT_TRUE(QTest::qWaitFor([&] { return !snapshots.isEmpty(); }, 5000));
    EXPECT_TRUE(window->messages().isVisible());
    window->messages().dismiss();
    EXPECT_FALSE(window->messages().isVisible());
}

TEST_F(Window, RemembersPanelsAndCheckedRunsOfItsWorkspace)
{
    window->findChild<QDockWidget*>("bottomDock")->hide();
    window->runModel().setShown({ids[2]});
    window->close();
    window.reset();
    open();
    window->restoreLayout();
    EXPECT_FALSE(window->findChild<QDockWidget*>("bottomDock")->isVisible());
    EXPECT_THAT(window->runModel().shownRuns(), testing::ElementsAre(ids[2]));
    action("resetLayout")->trigger();
    EXPECT_TRUE(window->findChild<QDockWidget*>("bottomDock")->isVisible());
}

TEST_F(Window, RemembersWidthsOfColumnsAsLongAsTheColumnsAreTheSame)
{
    auto* tree = &window->runList().view();
    EXPECT_TRUE(tree->isColumnHidden(RunTreeModel::Loss)) << "the list stays small";
    EXPECT_FALSE(tree->isColumnHidden(RunTreeModel::State));
    tree->setColumnWidth(RunTreeModel::State, 133);
    QAction* loss = window->runList().columnsMenu().actions()[RunTreeModel::Loss - 1];
    EXPECT_EQ(loss->text(), "Loss");
    loss->trigger();
    EXPECT_FALSE(tree->isColumnHidden(RunTreeModel::Loss));
    window->close();
    window.reset();
    open();
    const int before = window->runList().view().columnWidth(RunTreeModel::State);
    ASSERT_NE(before, 133);
    window->restoreLayout();
    EXPECT_EQ(window->runList().view().columnWidth(RunTreeModel::State), 133);
    EXPECT_FALSE(window->runList().view().isColumnHidden(RunTreeModel::Loss));
    window->close();
    window.reset();
    QSettings settings;
    const QStringList keys = settings.allKeys();
    const auto titles = std::find_if(keys.begin(), keys.end(), [](const QString& k) { return k.endsWith("Titles"); });
    ASSERT_NE(titles, keys.end());
    settings.setValue(*titles, QStringList{"Run", "Status"}); // as an earlier version had them
    open();
    window->restoreLayout();
    EXPECT_EQ(window->runList().view().columnWidth(RunTreeModel::State), before);
}

TEST_F(Window, KeepsCheckBoxesThatWereSwitchedOffWhenItIsOpenedAnew)
{
    window->runModel().setShown({ids[2]});
    window->close();
    window.reset();
    feed = std::make_unique<WorkspaceFeed>(root()); // nothing is loaded when the window restores itself
    window = std::make_unique<MainWindow>(*feed, background);
    window->restoreLayout();
    window->show();
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->loaded() && window->runModel().rowCount() > 0; }, 10'000));
    EXPECT_THAT(window->runModel().shownRuns(), testing::ElementsAre(ids[2]));
}

TEST_F(EmptyWindow, SaysWhatToDoWhenThereIsNoRun)
{
    bool asked = false;
    QObject::connect(window.get(), &MainWindow::experimentRequested, [&] { asked = true; });
    QPushButton* button = nullptr;
    for (auto* candidate : window->runList().findChildren<QPushButton*>()) {
        button = candidate->isVisible() ? candidate : button;
    }
    ASSERT_NE(button, nullptr);
    QTest::mouseClick(button, Qt::LeftButton);
    EXPECT_TRUE(asked);
}

} // namespace
} // namespace dskd::ui
