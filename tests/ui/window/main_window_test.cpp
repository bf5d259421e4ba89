#include "ui/window/main_window.h"

#include "core/jobs/run_folder.h"
#include "core/store/workspace_db.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/command_palette.h"
#include "ui/window/message_bar.h"
#include "ui/window/run_list.h"

#include <QAction>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>
#include <algorithm>
#include <gmock/gmock.h>
#include <set>

namespace dskd::ui
{
namespace
{

using testing::HasSubstr;
using testing::SizeIs;

class Window : public testing::Test
{
protected:
    explicit Window(bool filled = true)
    {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                           QString::fromStdString((folder / "settings").string()));
        auto workspace = store::WorkspaceDb::create(root()).value();
        if (filled) {
            ids = test::fillSampleWorkspace(workspace, "", 40);
        }
        feed = std::make_unique<WorkspaceFeed>(root());
        open();
    }

    [[nodiscard]] std::filesystem::path root() const { return folder / "w"; }
    void open()
    {
        window = std::make_unique<MainWindow>(*feed, background);
        window->show();
        EXPECT_TRUE(QTest::qWaitFor([this] { return feed->loaded(); }, 10'000));
        QTest::qWait(20);
    }
    QAction* action(const char* name)
    {
        auto* found = window->findChild<QAction*>(QLatin1String(name));
        EXPECT_NE(found, nullptr) << name;
        return found;
    }

    test::TemporaryFolder folder;
    std::vector<std::string> ids;
    Background background{"test"};
    std::unique_ptr<WorkspaceFeed> feed;
    std::unique_ptr<MainWindow> window;
};

class EmptyWindow : public Window
{
protected:
    EmptyWindow() : Window(false) {}
};

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

TEST_F(Window, ShowsTheRunsOfTheWorkspaceAndEmitsTheChosenOnes)
{
    EXPECT_EQ(window->runModel().rowCount(), 1);
    EXPECT_THAT(window->runModel().shownRuns(), SizeIs(ids.size()));
    std::vector<std::string> shown;
    std::vector<std::string> selected;
    QObject::connect(window.get(), &MainWindow::runsChosen, [&](const auto& s, const auto& t) {
        shown = s;
        selected = t;
    });
    window->runList().select({ids[1]});
    EXPECT_THAT(shown, SizeIs(ids.size()));
    EXPECT_THAT(selected, testing::ElementsAre(ids[1]));
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

TEST_F(Window, SpaceTogglesTheCheckBoxesOfTheSelectedRuns)
{
    window->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(window.get()));
    window->runList().select({ids[0], ids[1]});
    window->runList().view().setFocus();
    QTest::keyClick(&window->runList().view(), Qt::Key_Space);
    EXPECT_THAT(window->runModel().shownRuns(), SizeIs(ids.size() - 2));
    QTest::keyClick(&window->runList().view(), Qt::Key_Space);
    EXPECT_THAT(window->runModel().shownRuns(), SizeIs(ids.size()));
    // Elsewhere Space is a button's key.
    auto* button = new QPushButton("press", window.get());
    bool pressed = false;
    QObject::connect(button, &QPushButton::clicked, [&] { pressed = true; });
    button->show();
    button->setFocus();
    QTest::keyClick(button, Qt::Key_Space);
    EXPECT_TRUE(pressed);
    EXPECT_THAT(window->runModel().shownRuns(), SizeIs(ids.size()));
}

TEST_F(Window, F2RenamesARun)
{
    window->runList().select({ids[0]});
    action("rename")->trigger();
    auto* editor = window->runList().view().findChild<QLineEdit*>();
    ASSERT_NE(editor, nullptr);
    editor->selectAll();
    QTest::keyClicks(editor, "a better name");
    QTest::keyClick(editor, Qt::Key_Return);
    EXPECT_TRUE(QTest::qWaitFor([this] { return feed->find(ids[0])->row.name == "a better name"; }, 5000));
}

TEST_F(Window, ThePaletteFindsACommandByItsLettersAndRunsIt)
{
    bool asked = false;
    QObject::connect(window.get(), &MainWindow::experimentRequested, [&] { asked = true; });
    action("palette")->trigger();
    auto* palette = window->findChild<CommandPalette*>();
    ASSERT_NE(palette, nullptr);
    auto* line = palette->findChild<QLineEdit*>();
    QTest::keyClicks(line, "nw exp");
    QTest::keyClick(line, Qt::Key_Return);
    EXPECT_TRUE(asked);
}

TEST_F(Window, ThePaletteFindsARunAndWhatThePagesHave)
{
    bool shown = false;
    window->addFindables([&shown] {
        return std::vector<Findable>{{.text = "a made-up curve", .kind = "Metric", .act = [&shown] { shown = true; }}};
    });
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->find(ids[3]) != nullptr; }, 5000));
    const auto find = [this](const QString& letters) {
        action("palette")->trigger();
        auto* palette = window->findChild<CommandPalette*>();
        QTest::keyClicks(palette->findChild<QLineEdit*>(), letters);
        const QString first = palette->findChild<QListWidget*>()->item(0)->text();
        QTest::keyClick(palette->findChild<QLineEdit*>(), Qt::Key_Return);
        delete palette;
        return first.toStdString();
    };
    const std::string run = runTitle(*feed->find(ids[3])).toStdString();
    EXPECT_EQ(find(QString::fromStdString(run)), "Run: " + run);
    EXPECT_THAT(window->runList().selected(), testing::ElementsAre(ids[3]));
    EXPECT_EQ(find("made-up"), "Metric: a made-up curve");
    EXPECT_TRUE(shown);
    EXPECT_EQ(find("zzzz"), "Nothing has these letters in its name");
}

TEST(Palette, ListsNoMoreThanAPersonReads)
{
    std::vector<Findable> all;
    for (int i = 0; i < 250; ++i) {
        all.push_back({.text = QString("run %1").arg(i), .kind = "Run", .act = [] {}});
    }
    CommandPalette palette(std::move(all), nullptr);
    auto* list = palette.findChild<QListWidget*>();
    EXPECT_FALSE(list->item(0)->flags().testFlag(Qt::ItemIsEnabled)) << "only commands are listed before anything is typed";
    QTest::keyClicks(palette.findChild<QLineEdit*>(), "run");
    EXPECT_EQ(list->count(), 101);
    EXPECT_EQ(list->item(100)->text(), "150 more: type more letters");
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
    window->runList().view().setColumnWidth(RunTreeModel::Method, 133);
    window->close();
    window.reset();
    open();
    const int before = window->runList().view().columnWidth(RunTreeModel::Method);
    ASSERT_NE(before, 133);
    window->restoreLayout();
    EXPECT_EQ(window->runList().view().columnWidth(RunTreeModel::Method), 133);
    window->close();
    window.reset();
    QSettings settings;
    const QStringList keys = settings.allKeys();
    const auto titles = std::find_if(keys.begin(), keys.end(), [](const QString& k) { return k.endsWith("Titles"); });
    ASSERT_NE(titles, keys.end());
    settings.setValue(*titles, QStringList{"Run", "Status"}); // as an earlier version had them
    open();
    window->restoreLayout();
    EXPECT_EQ(window->runList().view().columnWidth(RunTreeModel::Method), before);
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

TEST_F(Window, KeepsSelectionAndFoldedGroupsWhenAGroupComes)
{
    auto& tree = window->runList().view();
    window->runList().select({ids[1], ids[3]});
    tree.collapse(tree.model()->index(0, 0));
    config::Experiment experiment;
    experiment.group = "another";
    experiment.student.model = "/no/student";
    experiment.teacher.model = "/no/teacher";
    experiment.data.train = "/no/train.jsonl";
    auto workspace = store::WorkspaceDb::open(root()).value();
    ASSERT_TRUE(jobs::createRun(workspace, experiment)); // by the command line, say
    ASSERT_TRUE(QTest::qWaitFor([this] { return window->runModel().rowCount() == 2; }, 10'000));
    EXPECT_THAT(window->runList().selected(), testing::UnorderedElementsAre(ids[1], ids[3]));
    EXPECT_TRUE(tree.isExpanded(tree.model()->index(0, 0))) << "the new group";
    EXPECT_FALSE(tree.isExpanded(tree.model()->index(1, 0)));
}

TEST_F(Window, LeavesTheSelectionToThePerson)
{
    window->runList().view().clearSelection();
    window->runList().view().setCurrentIndex({});
    feed->setNote(ids[0], "anything that makes a snapshot");
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->find(ids[0])->row.note.starts_with("anything"); }, 5000));
    EXPECT_TRUE(window->runList().selected().empty());
}

TEST_F(Window, ANoteThatIsBeingTypedIsStoredWhenTheWindowCloses)
{
    window->runList().select({ids[1]});
    auto* note = window->findChild<QPlainTextEdit*>("Note");
    ASSERT_NE(note, nullptr);
    QTest::keyClicks(note, "worth a look");
    window->close();
    window.reset();
    feed = std::make_unique<WorkspaceFeed>(root()); // the old one stores what it was asked to before it goes
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->loaded(); }, 10'000));
    EXPECT_EQ(feed->find(ids[1])->row.note, "worth a look");
    window = std::make_unique<MainWindow>(*feed, background);
}

TEST_F(Window, DuplicatingGivesTheConfigurationOfTheRun)
{
    std::optional<config::Experiment> from;
    QObject::connect(window.get(), &MainWindow::experimentRequested, [&](const std::string& name, const auto& plan) {
        EXPECT_TRUE(name.empty()) << "it is another experiment";
        ASSERT_TRUE(plan);
        from = plan->base;
    });
    window->runList().select({ids[4]});
    action("duplicate")->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return from.has_value() || window->messages().isVisible(); }, 5000));
    ASSERT_TRUE(from.has_value()) << window->messages().text().toStdString();
    EXPECT_EQ(from->seed, feed->find(ids[4])->row.seed);
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
