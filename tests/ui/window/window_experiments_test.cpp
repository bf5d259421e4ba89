// What is done to experiments in the window: their menu, names, notes, the archive, missing runs, files.

#include "core/jobs/experiments.h"
#include "tests/ui/window/main_window_fixture.h"
#include "ui/window/experiment_actions.h"
#include "ui/window/message_bar.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableWidget>
#include <algorithm>
#include <gmock/gmock.h>
#include <set>

namespace dskd::ui
{
namespace
{

using testing::HasSubstr;
using testing::SizeIs;

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

TEST_F(Window, ADeletedExperimentComesBackByUndo)
{
    {
        auto workspace = store::WorkspaceDb::open(root()).value();
        const auto row = store::ExperimentTable(workspace)
                             .find("#" + std::to_string(feed->find(ids[0])->row.experiment.value()))
                             .value();
        config::Plan plan = jobs::planOf(workspace, row).value();
        ASSERT_TRUE(jobs::saveExperiment(workspace, "brief", plan));
        plan.seeds = {7};
        const auto brief = jobs::saveExperiment(workspace, "brief", plan).value();
        ASSERT_TRUE(store::ExperimentTable(workspace).setNote(brief.id, "for table 2"));
    }
    const auto brief = [&]() -> const ExperimentRecord* {
        const auto& all = feed->experiments();
        const auto found =
            std::find_if(all.begin(), all.end(), [](const auto& one) { return one.row.name == "brief"; });
        return found == all.end() ? nullptr : &*found;
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return brief() != nullptr && brief()->row.note == "for table 2"; }, 5000));
    const std::int64_t id = brief()->row.id;
    EXPECT_FALSE(action("undo")->isEnabled());
    ASSERT_TRUE(QTest::qWaitFor([this] { return window->runModel().rowCount() == 6; }, 5000));
    QModelIndex row;
    auto& tree = window->runList().view();
    for (int i = 0; i < tree.model()->rowCount(); ++i) {
        const QModelIndex one = tree.model()->index(i, 0);
        row = one.data().toString().startsWith("brief") ? one : row;
    }
    ASSERT_TRUE(row.isValid());
    tree.setCurrentIndex(row);
    action("deleteExperiment")->trigger();
    auto* box = window->findChild<QMessageBox*>("confirmDeleteExperiment");
    ASSERT_NE(box, nullptr);
    EXPECT_EQ(box->text(), "Delete brief?");
    EXPECT_THAT(box->informativeText().toStdString(), HasSubstr("Undo"));
    for (auto* button : box->buttons()) {
        if (button->text() == "Delete") {
            button->click();
        }
    }
    ASSERT_TRUE(QTest::qWaitFor([&] { return brief() == nullptr && action("undo")->isEnabled(); }, 5000));
    action("undo")->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return brief() != nullptr; }, 5000));
    EXPECT_EQ(brief()->row.id, id);
    EXPECT_EQ(brief()->row.revision, 2);
    EXPECT_EQ(brief()->row.note, "for table 2");
    action("redo")->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return brief() == nullptr; }, 5000));
    action("undo")->trigger();
    EXPECT_TRUE(QTest::qWaitFor([&] { return brief() != nullptr; }, 5000)) << "as often as one likes";
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

} // namespace
} // namespace dskd::ui
