#include "ui/window/main_window.h"

#include "core/jobs/experiments.h"
#include "core/jobs/run_folder.h"
#include "core/metrics/metric_table.h"
#include "core/store/workspace_db.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/command_palette.h"
#include "ui/window/details_panel.h"
#include "ui/window/experiment_actions.h"
#include "ui/window/message_bar.h"
#include "ui/window/run_list.h"

#include <QAction>
#include <QApplication>
#include <QContextMenuEvent>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSettings>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>
#include <QTreeView>
#include <algorithm>
#include <gmock/gmock.h>
#include <map>
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
        EXPECT_TRUE(QTest::qWaitFor([this] { return everyRunHasItsExperiment(); }, 10'000));
    }
    // The window finds one for runs of earlier versions.
    [[nodiscard]] bool everyRunHasItsExperiment() const
    {
        return std::all_of(feed->runs().begin(), feed->runs().end(), [this](const RunRecord& run) {
            return window->runModel().indexOf(run.row.id).data(RunTreeModel::ExperimentRole).toLongLong() != 0;
        });
    }
    [[nodiscard]] QModelIndex experimentOf(const std::string& run) const // as the list shows it
    {
        const auto& list = window->runList().view();
        const qlonglong id = window->runModel().indexOf(run).data(RunTreeModel::ExperimentRole).toLongLong();
        for (int row = 0; row < list.model()->rowCount(); ++row) {
            const QModelIndex index = list.model()->index(row, 0);
            if (index.data(RunTreeModel::ExperimentRole).toLongLong() == id) {
                return index;
            }
        }
        return {};
    }
    void selectExperimentOf(const std::string& run) const
    {
        window->runList().view().setCurrentIndex(experimentOf(run));
    }
    [[nodiscard]] std::vector<std::string> runsIn(const std::string& run) const // the experiment of the run
    {
        return window->runModel().runsOf(
            window->runModel().indexOf(run).data(RunTreeModel::ExperimentRole).toLongLong());
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
    EXPECT_EQ(window->runModel().rowCount(), 5) << "sft, diff, student, dual, cma";
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
    EXPECT_FALSE(list->item(0)->flags().testFlag(Qt::ItemIsEnabled))
        << "only commands are listed before anything is typed";
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

TEST_F(Window, KeepsSelectionAndFoldingWhenAnExperimentComes)
{
    auto& tree = window->runList().view();
    window->runList().select({ids[1], ids[3]});
    tree.collapse(experimentOf(ids[0]));
    config::Experiment experiment;
    experiment.group = "another";
    experiment.student.model = "/no/student";
    experiment.teacher.model = "/no/teacher";
    experiment.data.train = "/no/train.jsonl";
    auto workspace = store::WorkspaceDb::open(root()).value();
    const std::string made = jobs::createRun(workspace, experiment).value(); // by the command line, say
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return feed->find(made) != nullptr && feed->find(made)->row.experiment && experimentOf(made).isValid(); },
        10'000));
    EXPECT_EQ(window->runModel().rowCount(), 6);
    EXPECT_THAT(window->runList().selected(), testing::UnorderedElementsAre(ids[1], ids[3]));
    EXPECT_TRUE(tree.isExpanded(experimentOf(made))) << "the new experiment";
    EXPECT_FALSE(tree.isExpanded(experimentOf(ids[0])));
    const jobs::RunOrigin origin{feed->find(made)->row.experiment, 1};
    (void)jobs::createRuns(workspace, {experiment}, store::Queueing::No, origin).value(); // below those there are
    ASSERT_TRUE(QTest::qWaitFor([&] { return runsIn(made).size() == 2; }, 10'000));
    EXPECT_FALSE(tree.isExpanded(experimentOf(ids[0])));
}

TEST_F(Window, WhatTheFilterHidesIsNotDrawn)
{
    std::vector<std::string> drawn;
    QObject::connect(window.get(), &MainWindow::runsChosen, [&](const auto& s, const auto&) { drawn = s; });
    auto* filter = window->findChild<QLineEdit*>("runFilter");
    const auto* foot = window->findChild<QLabel*>("hiddenByFilter");
    EXPECT_FALSE(foot->isVisible());
    filter->setText("name:sft");
    ASSERT_TRUE(QTest::qWaitFor([&] { return drawn.size() == 3; }, 5000)) << drawn.size();
    for (const std::string& run : drawn) {
        EXPECT_EQ(feed->find(run)->row.name, "sft");
    }
    EXPECT_TRUE(foot->isVisible());
    EXPECT_EQ(foot->text().toStdString(), std::to_string(ids.size() - 3) + " runs hidden by the filter");
    EXPECT_THAT(window->runModel().shownRuns(), SizeIs(ids.size())) << "the check boxes stay";
    filter->clear();
    ASSERT_TRUE(QTest::qWaitFor([&] { return drawn.size() == ids.size(); }, 5000));
    EXPECT_FALSE(foot->isVisible());
}

TEST_F(Window, TheMenuOfAnExperimentOpensByMouseAndByKey)
{
    auto* menu = window->findChild<QMenu*>("experimentMenu");
    ASSERT_NE(menu, nullptr);
    auto& tree = window->runList().view();
    window->runList().select({ids[0]});
    const QPoint at = tree.visualRect(experimentOf(ids[3])).center();
    QContextMenuEvent byMouse(QContextMenuEvent::Mouse, at, tree.viewport()->mapToGlobal(at));
    QCoreApplication::sendEvent(tree.viewport(), &byMouse);
    ASSERT_TRUE(menu->isVisible());
    EXPECT_EQ(window->runList().experiments().size(), 1U) << "the row below the pointer is meant";
    EXPECT_THAT(window->runModel().runsOf(window->runList().experiments().front()), testing::Contains(ids[3]));
    EXPECT_TRUE(action("editExperiment")->isEnabled());
    EXPECT_TRUE(action("rename")->isEnabled());
    EXPECT_FALSE(action("stop")->isEnabled());
    menu->close();
    tree.setFocus();
    const QRect row = tree.inputMethodQuery(Qt::ImCursorRectangle).toRect();
    QContextMenuEvent byKey(QContextMenuEvent::Keyboard, row.center(), tree.mapToGlobal(row.center()));
    QCoreApplication::sendEvent(&tree, &byKey);
    EXPECT_TRUE(menu->isVisible());
    menu->close();
    window->runList().select({ids[0]});
    const QPoint onRun = tree.visualRect(tree.currentIndex()).center();
    QContextMenuEvent ofRun(QContextMenuEvent::Mouse, onRun, tree.viewport()->mapToGlobal(onRun));
    QCoreApplication::sendEvent(tree.viewport(), &ofRun);
    EXPECT_FALSE(menu->isVisible()) << "a run has its own";
    if (auto* popup = QApplication::activePopupWidget()) {
        popup->close();
    }
}

TEST_F(Window, EditingAndDuplicatingAnExperimentGiveItsPlan)
{
    std::string name = "nothing yet";
    std::optional<config::Plan> plan;
    QObject::connect(window.get(), &MainWindow::experimentRequested, [&](const std::string& n, const auto& p) {
        name = n;
        plan = p;
    });
    selectExperimentOf(ids[3]);
    action("editExperiment")->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return plan.has_value(); }, 5000));
    EXPECT_EQ(name, "demo: dual");
    EXPECT_THAT(plan->seeds, testing::ElementsAre(10u, 20u, 30u));
    EXPECT_EQ(plan->base.method.space, config::Space::Dual);
    plan.reset();
    action("duplicateExperiment")->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return plan.has_value(); }, 5000));
    EXPECT_EQ(name, "") << "another experiment";
}

TEST_F(Window, AnExperimentIsRenamedInTheListAndThatIsUndone)
{
    selectExperimentOf(ids[3]);
    action("rename")->trigger();
    auto* editor = window->runList().view().findChild<QLineEdit*>();
    ASSERT_NE(editor, nullptr);
    EXPECT_EQ(editor->text(), "demo: dual");
    editor->setText("the dual space");
    QTest::keyClick(editor, Qt::Key_Return);
    const auto nameOf = [&] {
        for (const ExperimentRecord& experiment : feed->experiments()) {
            if (experiment.row.id == feed->find(ids[3])->row.experiment) {
                return experiment.row.name;
            }
        }
        return std::string();
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return nameOf() == "the dual space"; }, 5000));
    EXPECT_EQ(window->runList().experiments().size(), 1U) << "it is still selected";
    ASSERT_TRUE(action("undo")->isEnabled());
    EXPECT_EQ(action("undo")->shortcut(), QKeySequence("Ctrl+Z"));
    action("undo")->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return nameOf() == "demo: dual"; }, 5000));
    action("redo")->trigger();
    EXPECT_TRUE(QTest::qWaitFor([&] { return nameOf() == "the dual space"; }, 5000));
}

TEST_F(Window, RunsThatWentToTheTrashComeBackByUndo)
{
    window->runList().select({ids[0], ids[1]});
    action("trash")->trigger();
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->trash().size() == 2; }, 5000));
    ASSERT_TRUE(QTest::qWaitFor([this] { return action("undo")->isEnabled(); }, 5000));
    action("undo")->trigger();
    EXPECT_TRUE(QTest::qWaitFor([this] { return feed->trash().empty() && feed->find(ids[0]) != nullptr; }, 5000));
}

TEST_F(Window, AnArchivedExperimentIsOutOfSightWithItsRunsUntilAskedFor)
{
    std::vector<std::string> drawn;
    QObject::connect(window.get(), &MainWindow::runsChosen, [&](const auto& s, const auto&) { drawn = s; });
    selectExperimentOf(ids[3]);
    action("archiveExperiment")->trigger();
    ASSERT_TRUE(QTest::qWaitFor([this] { return window->runModel().rowCount() == 4; }, 5000));
    EXPECT_THAT(drawn, SizeIs(ids.size() - 3)) << "nor is it drawn";
    action("showArchived")->setChecked(true);
    ASSERT_EQ(window->runModel().rowCount(), 5);
    selectExperimentOf(ids[3]);
    EXPECT_EQ(action("archiveExperiment")->text(), "Take out of the arc&hive");
    action("archiveExperiment")->trigger();
    EXPECT_TRUE(QTest::qWaitFor(
        [&] { return !experimentOf(ids[3]).data().toString().contains("archived") && drawn.size() == ids.size(); },
        5000));
}

TEST_F(Window, AnExperimentWithRunsIsNotDeleted)
{
    selectExperimentOf(ids[3]);
    action("deleteExperiment")->trigger();
    auto* box = window->findChild<QMessageBox*>("confirmDeleteExperiment");
    ASSERT_NE(box, nullptr);
    EXPECT_EQ(box->text(), "demo: dual has 3 runs.");
    for (const auto* button : box->buttons()) {
        EXPECT_NE(button->text(), "Delete");
    }
    box->reject();
    EXPECT_EQ(window->runModel().rowCount(), 5);
}

TEST_F(Window, MissingRunsAreCountedAndMade)
{
    const std::int64_t id = feed->find(ids[0])->row.experiment.value();
    auto workspace = store::WorkspaceDb::open(root()).value();
    const auto row = store::ExperimentTable(workspace).find("#" + std::to_string(id)).value();
    auto plan = jobs::planOf(workspace, row).value();
    plan.seeds = {10, 20, 30, 40};
    ASSERT_TRUE(jobs::saveExperiment(workspace, row.name, plan));
    selectExperimentOf(ids[0]);
    ASSERT_TRUE(QTest::qWaitFor([this] { return action("runMissing")->text() == "Run &missing (1)"; }, 5000));
    EXPECT_THAT(experimentOf(ids[0]).data().toString().toStdString(), HasSubstr("3 of 4 done"));
    action("runMissing")->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return runsIn(ids[0]).size() == 4; }, 10'000));
    const std::string made = runsIn(ids[0]).back();
    EXPECT_EQ(feed->find(made)->row.seed, 40U);
    EXPECT_TRUE(QTest::qWaitFor([&] { return window->runList().selected() == std::vector{made}; }, 5000));
    EXPECT_TRUE(QTest::qWaitFor([this] { return !action("runMissing")->isEnabled(); }, 5000)) << "it has all of them";
}

TEST_F(Window, TwoExperimentsAreComparedByWhatDiffers)
{
    std::vector<std::string> drawn;
    QObject::connect(window.get(), &MainWindow::runsChosen, [&](const auto& s, const auto&) { drawn = s; });
    auto& tree = window->runList().view();
    selectExperimentOf(ids[1]);
    tree.selectionModel()->select(experimentOf(ids[3]), QItemSelectionModel::Select | QItemSelectionModel::Rows);
    action("compareExperiments")->trigger();
    auto* dialog = window->findChild<QDialog*>("experimentComparison");
    ASSERT_NE(dialog, nullptr);
    const auto* table = dialog->findChild<QTableWidget*>("comparisonTable");
    ASSERT_TRUE(QTest::qWaitFor([&] { return table->rowCount() > 0; }, 5000));
    ASSERT_EQ(table->rowCount(), 1);
    EXPECT_EQ(table->item(0, 0)->text(), "method.space");
    const std::set<QString> values{table->item(0, 1)->text(), table->item(0, 2)->text()};
    EXPECT_EQ(values, (std::set<QString>{"diff", "dual"}));
    EXPECT_THAT(dialog->findChild<QLabel*>("comparisonSentence")->text().toStdString(), HasSubstr("1 field."));
    dialog->findChild<QPushButton*>("drawBoth")->click();
    EXPECT_THAT(drawn, SizeIs(6));
}

TEST_F(Window, NotesAndTagsOfAnExperimentAreEdited)
{
    selectExperimentOf(ids[3]);
    action("experimentNotes")->trigger();
    auto* dialog = window->findChild<QDialog*>("experimentNotesDialog");
    ASSERT_NE(dialog, nullptr);
    dialog->findChild<QPlainTextEdit*>("experimentNote")->setPlainText("for table 2");
    dialog->findChild<QLineEdit*>("experimentTags")->setText("paper, table 2, paper");
    dialog->accept();
    const auto row = [this] {
        for (const ExperimentRecord& experiment : feed->experiments()) {
            if (experiment.row.id == feed->find(ids[3])->row.experiment) {
                return experiment.row;
            }
        }
        return store::ExperimentRow();
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return row().tags.size() == 2; }, 5000));
    EXPECT_EQ(row().note, "for table 2");
    window->findChild<QLineEdit*>("runFilter")->setText("tag:paper");
    EXPECT_EQ(window->runList().view().model()->rowCount(), 1);
}

TEST_F(Window, AnExperimentIsExportedAndImported)
{
    auto* actions = window->findChild<ExperimentActions*>();
    ASSERT_NE(actions, nullptr);
    const QString file = QString::fromStdString(folder / "dual.json");
    actions->exportTo(feed->find(ids[3])->row.experiment.value(), file);
    ASSERT_TRUE(QTest::qWaitFor([this] { return window->messages().isVisible(); }, 5000));
    EXPECT_THAT(window->messages().text().toStdString(), HasSubstr(file.toStdString()));
    actions->importFrom(file);
    ASSERT_TRUE(QTest::qWaitFor([this] { return window->runModel().rowCount() == 6; }, 5000));
    EXPECT_THAT(window->runModel().index(0, 0).data().toString().toStdString(), HasSubstr("demo: dual 2   "));
    actions->importFrom(QString::fromStdString(folder / "none.json"));
    EXPECT_TRUE(QTest::qWaitFor([this] { return window->messages().text().contains("none.json"); }, 5000));
}

TEST_F(Window, DetailsHaveTheMetricsInTheGroupsOfTheirTableWithTheirSentences)
{
    window->runList().select({ids[3]});
    const auto* panel = window->findChild<DetailsPanel*>();
    ASSERT_NE(panel, nullptr);
    const auto labels = [panel] { // groups and titles, in the order in which they were added
        return panel->findChildren<QLabel*>(QRegularExpression("^metric(Group|Title)$"));
    };
    const std::map<std::string, double>& latest = feed->find(ids[3])->latest;
    ASSERT_GT(latest.size(), 5U);
    ASSERT_TRUE(QTest::qWaitFor([&] { return labels().size() > static_cast<qsizetype>(latest.size()); }, 5000));
    QStringList expected{"method", "teacher", "student", "seed", "step"};
    QString group;
    for (const std::string& metric : metrics::inTableOrder(latest)) {
        const std::string own(metrics::shortTitleOf(metrics::groupOf(metric)));
        if (group != QString::fromStdString(own)) {
            group = QString::fromStdString(own);
            expected.append(group);
        }
        expected.append(QString::fromStdString(metrics::titleOf(metric)));
    }
    for (const char* heading : {"Loss", "Distillation", "Optimisation"}) {
        EXPECT_TRUE(expected.contains(heading)) << heading;
    }
    QStringList shown;
    const QLabel* loss = nullptr;
    for (const QLabel* label : labels()) {
        shown.append(label->text());
        loss = label->text() == "loss" ? label : loss;
    }
    EXPECT_EQ(shown, expected);
    ASSERT_NE(loss, nullptr);
    EXPECT_THAT(loss->toolTip().toStdString(), HasSubstr("What is minimised")) << "its sentence";
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
