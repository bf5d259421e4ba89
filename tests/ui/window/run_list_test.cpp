#include "ui/window/run_list.h"

#include "core/jobs/run_folder.h"
#include "tests/ui/window/main_window_fixture.h"
#include "ui/window/message_bar.h"
#include "ui/window/trash_dialog.h"

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableWidget>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::SizeIs;

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

TEST_F(Window, RunsThatWentToTheTrashComeBackByUndo)
{
    window->runList().select({ids[0], ids[1]});
    action("trash")->trigger();
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->trash().size() == 2; }, 5000));
    ASSERT_TRUE(QTest::qWaitFor([this] { return action("undo")->isEnabled(); }, 5000));
    action("undo")->trigger();
    EXPECT_TRUE(QTest::qWaitFor([this] { return feed->trash().empty() && feed->find(ids[0]) != nullptr; }, 5000));
}

TEST_F(Window, TheTrashSaysThatItIsEmptyAndFollowsWhatIsInIt)
{
    TrashDialog dialog(*feed, window.get());
    const auto* table = dialog.findChild<QTableWidget*>();
    const auto* empty = dialog.findChild<QLabel*>("trashIsEmpty");
    ASSERT_NE(table, nullptr);
    ASSERT_NE(empty, nullptr);
    EXPECT_TRUE(empty->isVisibleTo(&dialog));
    EXPECT_FALSE(table->isVisibleTo(&dialog));
    for (const auto* button : dialog.findChildren<QPushButton*>()) {
        EXPECT_EQ(button->isEnabled(), button->text().contains("Close")) << "there is nothing to restore or to delete";
    }
    const auto has = [&](const std::string& run) {
        return table->rowCount() == 1 && table->item(0, 0)->data(Qt::UserRole).toString().toStdString() == run;
    };
    feed->moveToTrash({ids[0]});
    ASSERT_TRUE(QTest::qWaitFor([&] { return has(ids[0]); }, 5000));
    EXPECT_TRUE(table->isVisibleTo(&dialog));
    EXPECT_FALSE(empty->isVisibleTo(&dialog));
    feed->restore({ids[0]});
    feed->moveToTrash({ids[1]});
    EXPECT_TRUE(QTest::qWaitFor([&] { return has(ids[1]); }, 5000)) << "as many as before, but another one";
}

TEST_F(Window, LeavesTheSelectionToThePerson)
{
    window->runList().view().clearSelection();
    window->runList().view().setCurrentIndex({});
    feed->setNote(ids[0], "anything that makes a snapshot");
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->find(ids[0])->row.note.starts_with("anything"); }, 5000));
    EXPECT_TRUE(window->runList().selected().empty());
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

} // namespace
} // namespace dskd::ui
