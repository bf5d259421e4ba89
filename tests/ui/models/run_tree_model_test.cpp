#include "ui/models/run_tree_model.h"

#include "tests/ui/models/run_tree_fixture.h"

#include <QSignalSpy>
#include <cmath>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::ElementsAre;

TEST_F(RunTree, PutsRunsUnderTheirExperimentsTheNewestFirstAndOtherRunsLast)
{
    jobs::PlanProgress unmade;
    unmade.planned = 4;
    unmade.unmade = 4;
    model.setRuns({runOf(1, "a"), runOf(1, "b"), run("e", "eval"), runOf(2, "c")},
                  {experiment(1, "old"), experiment(2, "new"), experiment(3, "without runs", unmade)});
    ASSERT_EQ(model.rowCount(), 4);
    const auto title = [&](int row) { return model.index(row, 0).data().toString().toStdString(); };
    EXPECT_EQ(title(0), "without runs   0 of 4 done");
    EXPECT_EQ(title(1), "new   1 of 1 done");
    EXPECT_EQ(title(2), "old   2 of 2 done");
    EXPECT_EQ(title(3), "Other runs   1 run");
    EXPECT_EQ(model.rowCount(model.index(2, 0)), 2);
    EXPECT_EQ(model.index(3, 0).data(RunTreeModel::ExperimentRole).toLongLong(), 0);
    EXPECT_EQ(model.indexOf("c").data(RunTreeModel::ExperimentRole).toLongLong(), 2);
    EXPECT_THAT(model.runsOf(1), ElementsAre("a", "b"));
    EXPECT_EQ(text("a", RunTreeModel::Method), "dskd rkl");
    EXPECT_EQ(text("a", RunTreeModel::Step), "5 / 10");
    EXPECT_EQ(text("a", RunTreeModel::ValidationLoss), "–") << "what is missing is no zero";
}

TEST_F(RunTree, AnExperimentSaysHowFarItsRunsAre)
{
    using jobs::Status;
    std::vector<RunRecord> runs{runOf(1, "a"), runOf(1, "b", Status::Running), runOf(1, "c", Status::OutOfMemory),
                                runOf(1, "d", Status::Queued)};
    jobs::PlanProgress progress;
    progress.planned = 7;
    progress.done = 1;
    progress.running = 1;
    progress.failed = 1;
    progress.queued = 1;
    progress.unmade = 3;
    ExperimentRecord ablation = experiment(1, "ablation", progress);
    ablation.row.note = "<b>x";
    ablation.row.tags = {"paper"};
    model.setRuns(runs, {ablation});
    const QModelIndex index = model.index(0, 0);
    EXPECT_EQ(index.data().toString().toStdString(), "ablation   1 of 7 done");
    EXPECT_EQ(index.data(Qt::ToolTipRole).toString().toStdString(),
              "<qt>Revision 1<br>1 done · 1 running · 1 failed · 1 waiting · 3 missing<br>#paper<br>&lt;b&gt;x</qt>");
    runs[1].status.status = Status::Done;
    ablation.progress.reset(); // other runs than before: not counted yet
    model.setRuns(runs, {ablation});
    EXPECT_EQ(index.data().toString().toStdString(), "ablation   2 of 4 done");
    progress.planned = 4; // the newest revision plans two of the runs no more
    progress.running = 0;
    progress.failed = 0;
    progress.unmade = 2;
    progress.earlier = 2;
    ablation.progress = progress;
    model.setRuns(runs, {ablation});
    EXPECT_EQ(index.data().toString().toStdString(), "ablation   1 of 4 done; 2 earlier");
    EXPECT_THAT(index.data(Qt::ToolTipRole).toString().toStdString(),
                testing::HasSubstr("1 done · 1 waiting · 2 missing<br>2 more of earlier revisions<br>"));
    progress.earlier = 0; // two were started from a file, with other seeds
    progress.unplanned.done = 1;
    progress.unplanned.failed = 1;
    ablation.progress = progress;
    model.setRuns(runs, {ablation});
    EXPECT_EQ(index.data().toString().toStdString(), "ablation   1 of 4 done; 2 not planned");
    EXPECT_THAT(index.data(Qt::ToolTipRole).toString().toStdString(),
                testing::HasSubstr("2 missing<br>2 more runs are not in the plan: 1 done · 1 failed<br>"));
}

TEST_F(RunTree, RunsOfFormerRevisionsAreToldFromThoseOfTheSameName)
{
    const auto named = [](const std::string& id, const std::string& name, std::int64_t revision, std::uint64_t seed) {
        RunRecord record = runOf(1, id);
        record.row.name = name;
        record.row.revision = revision;
        record.row.seed = seed;
        return record;
    };
    ExperimentRecord ablation = experiment(1, "ablation");
    ablation.row.revision = 3;
    std::vector<RunRecord> runs{named("a", "space=student", 2, 10), named("b", "space=dual", 2, 10),
                                named("c", "space=student", 2, 20), named("d", "space=student", 3, 10)};
    model.setRuns(runs, {ablation});
    EXPECT_EQ(text("a", RunTreeModel::Name), "student, seed 10, revision 2");
    EXPECT_EQ(text("b", RunTreeModel::Name), "dual, seed 10") << "no other run has its label";
    EXPECT_EQ(text("c", RunTreeModel::Name), "student, seed 20");
    EXPECT_EQ(text("d", RunTreeModel::Name), "student, seed 10") << "of the newest revision";
    runs.push_back(named("e", "space=dual", 3, 10));
    model.setRuns(runs, {ablation});
    EXPECT_EQ(text("b", RunTreeModel::Name), "dual, seed 10, revision 2") << "a run came that has its label";
    EXPECT_EQ(text("e", RunTreeModel::Name), "dual, seed 10");
}

TEST_F(RunTree, NamesCannotTurnOrBreakTheTextAroundThem)
{
    RunRecord hostile = runOf(1, "a");
    hostile.row.name = "name\u2066\n\x1b[31m";
    model.setRuns({hostile}, {experiment(1, "group\u202e\nend")});
    EXPECT_THAT(model.index(0, 0).data().toString().toStdString(), testing::StartsWith("group\\u202e end   "));
    EXPECT_EQ(text("a", RunTreeModel::Name), "name\\u2066 \\u001b[31m, seed 10");
    EXPECT_EQ(model.indexOf("a").data(Qt::EditRole).toString().toStdString(), hostile.row.name)
        << "editing begins with the name itself";
}

TEST_F(RunTree, ShowsTheNewestOfALargeGroupAtFirst)
{
    std::vector<RunRecord> runs;
    for (int number = 1000; number < 1250; ++number) {
        runs.push_back(run(std::to_string(number), "large"));
    }
    model.setRuns(runs);
    const std::vector<std::string> shown = model.shownRuns();
    ASSERT_EQ(shown.size(), 100U);
    EXPECT_EQ(shown.front(), "1150");
    EXPECT_EQ(shown.back(), "1249");
}

TEST_F(RunTree, EveryRunIsToldByItsSeed)
{
    RunRecord first = runOf(1, "a");
    first.row.name = "dual";
    RunRecord second = runOf(1, "b");
    second.row.name = "dskd-s10"; // its own name says the seed
    model.setRuns({first, second}, {experiment(1, "e")});
    EXPECT_EQ(text("a", RunTreeModel::Name), "dual, seed 10");
    EXPECT_EQ(text("b", RunTreeModel::Name), "dskd-s10");
    EXPECT_EQ(model.indexOf("a").data(Qt::EditRole).toString().toStdString(), "dual") << "the seed is not renamed";
}

TEST_F(RunTree, WhatAllRunsOfAnExperimentShareIsInTheToolTipAlone)
{
    std::vector<RunRecord> runs{runOf(1, "a"), runOf(1, "b"), runOf(2, "c"), runOf(2, "d")};
    runs[0].row.name = "space=student distance=kl";
    runs[1].row.name = "space=student distance=rkl";
    runs[2].row.name = runs[3].row.name = "space=dual";
    runs[3].row.seed = 11;
    const std::vector<ExperimentRecord> experiments{experiment(1, "e"), experiment(2, "seeds")};
    model.setRuns(runs, experiments);
    EXPECT_EQ(text("a", RunTreeModel::Name), "kl, seed 10");
    EXPECT_EQ(text("b", RunTreeModel::Name), "rkl, seed 10");
    EXPECT_EQ(text("d", RunTreeModel::Name), "seed 11");
    EXPECT_THAT(model.indexOf("b").data(Qt::ToolTipRole).toString().toStdString(),
                testing::HasSubstr("space=student distance=rkl, seed 10"));
    EXPECT_EQ(model.indexOf("a").data(Qt::EditRole).toString().toStdString(), "space=student distance=kl");
    runs[1].row.name = "space=dual distance=rkl"; // in place
    model.setRuns(runs, experiments);
    EXPECT_EQ(text("a", RunTreeModel::Name), "student \u00b7 kl, seed 10");
}

TEST_F(RunTree, ArchivedExperimentsAreListedOnRequest)
{
    ExperimentRecord archived = experiment(1, "old");
    archived.row.archived = 1.0;
    const std::vector<RunRecord> runs{runOf(1, "a"), runOf(2, "b")};
    const std::vector<ExperimentRecord> experiments{archived, experiment(2, "new")};
    model.setRuns(runs, experiments);
    ASSERT_EQ(model.rowCount(), 1) << "its runs are no other runs";
    EXPECT_FALSE(model.indexOf("a").isValid());
    EXPECT_THAT(model.shownRuns(), ElementsAre("b"));
    model.showArchived(true);
    model.setRuns(runs, experiments);
    ASSERT_EQ(model.rowCount(), 2);
    EXPECT_EQ(model.index(1, 0).data().toString().toStdString(), "old   1 of 1 done · archived");
}

TEST_F(RunTree, ARunThatFindsItsExperimentMovesThereAndStaysShown)
{
    model.setRuns({run("a", "demo"), run("b", "demo")});
    EXPECT_EQ(model.index(0, 0).data().toString().toStdString(), "Other runs   2 runs");
    model.setShown({"b"});
    RunRecord a = runOf(1, "a");
    RunRecord b = runOf(1, "b");
    a.row.group = b.row.group = "demo";
    model.setRuns({a, b}, {experiment(1, "demo: dual")});
    ASSERT_EQ(model.rowCount(), 1);
    EXPECT_EQ(model.rowCount(model.index(0, 0)), 2);
    EXPECT_THAT(model.shownRuns(), ElementsAre("b"));
}

TEST_F(RunTree, SortsARunWhoseLossIsNoNumberBehindTheOthers)
{
    model.setRuns({run("a", "g", jobs::Status::Failed, std::nan("")), run("b", "g", jobs::Status::Done, 2.0),
                   run("c", "g", jobs::Status::Done, 1.0)});
    const auto key = [&](const char* id) {
        return model.indexOf(id).siblingAtColumn(RunTreeModel::Loss).data(RunTreeModel::SortRole).toDouble();
    };
    EXPECT_GT(key("a"), key("b"));
    EXPECT_GT(key("b"), key("c"));
}

TEST_F(RunTree, UpdatesInPlaceWithoutAReset)
{
    const auto experimentNamed = [](const char* name) { return std::vector{experiment(1, name)}; };
    model.setRuns({runOf(1, "a"), runOf(1, "b")}, experimentNamed("e"));
    const QPersistentModelIndex index = model.indexOf("b");
    const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    RunRecord running = runOf(1, "b", jobs::Status::Running);
    running.latest["loss"] = 0.5;
    model.setRuns({runOf(1, "a"), running, runOf(1, "c")}, experimentNamed("renamed"));
    EXPECT_EQ(resets.count(), 0);
    EXPECT_THAT(model.index(0, 0).data().toString().toStdString(), testing::StartsWith("renamed   2 of 3"));
    ASSERT_TRUE(index.isValid());
    EXPECT_EQ(text("b", RunTreeModel::Loss), "0.5000");
    EXPECT_EQ(model.rowCount(model.index(0, 0)), 3);
}

TEST_F(RunTree, ShowsTheNewestGroupAtFirstAndNewRunsBesideShownOnes)
{
    model.setRuns({run("a", "old"), run("b", "new")});
    EXPECT_THAT(model.shownRuns(), ElementsAre("b"));
    model.setRuns({run("a", "old"), run("b", "new"), run("c", "new")});
    EXPECT_THAT(model.shownRuns(), ElementsAre("b", "c"));
}

TEST_F(RunTree, TheNewestGroupAlsoSpansExperiments)
{
    const auto inDemo = [](std::int64_t experimentId, const std::string& id) {
        RunRecord record = runOf(experimentId, id);
        record.row.group = "demo";
        record.row.created = 2;
        return record;
    };
    model.setRuns({run("before", "old"), inDemo(1, "a"), inDemo(2, "b")},
                  {experiment(1, "sft"), experiment(2, "dual")});
    EXPECT_THAT(model.shownRuns(), ElementsAre("b", "a")) << "in the order of the list";
}

TEST_F(RunTree, TheCheckBoxOfAnExperimentIsThatOfItsRuns)
{
    model.setRuns({runOf(1, "a"), runOf(1, "b")}, {experiment(1, "e"), experiment(2, "without runs")});
    EXPECT_FALSE(model.index(0, 0).data(Qt::CheckStateRole).isValid()) << "there is nothing to draw";
    model.setRuns({runOf(1, "a"), runOf(1, "b")}, {experiment(1, "e")});
    QSignalSpy shown(&model, &RunTreeModel::shownChanged);
    model.setData(model.indexOf("a"), Qt::Unchecked, Qt::CheckStateRole);
    EXPECT_EQ(model.index(0, 0).data(Qt::CheckStateRole).toInt(), Qt::PartiallyChecked);
    EXPECT_EQ(shown.count(), 1);
    model.setData(model.index(0, 0), Qt::Checked, Qt::CheckStateRole);
    EXPECT_THAT(model.shownRuns(), ElementsAre("a", "b"));
    model.toggleShown({"a", "b"});
    EXPECT_TRUE(model.shownRuns().empty());
}

TEST_F(RunTree, ANewNameIsAskedForNotShownBeforeItIsStored)
{
    model.setRuns({run("a", "g")});
    std::string renamed;
    QObject::connect(&model, &RunTreeModel::renamed,
                     [&](const std::string& id, const QString& name) { renamed = id + "=" + name.toStdString(); });
    model.setData(model.indexOf("a"), " better ", Qt::EditRole);
    EXPECT_EQ(renamed, "a=better");
    EXPECT_EQ(text("a", RunTreeModel::Name), "a name, seed 10");
}

TEST_F(RunTree, ANewNameOfAnExperimentIsAskedForToo)
{
    model.setRuns({runOf(7, "a"), run("e", "eval")}, {experiment(7, "e")});
    std::vector<std::pair<std::int64_t, std::string>> renamed;
    QObject::connect(&model, &RunTreeModel::experimentRenamed,
                     [&](std::int64_t id, const QString& name) { renamed.emplace_back(id, name.toStdString()); });
    EXPECT_EQ(model.index(0, 0).data(Qt::EditRole).toString().toStdString(), "e") << "not how many runs are done";
    model.setData(model.index(0, 0), "e", Qt::EditRole);
    model.setData(model.index(0, 0), "better", Qt::EditRole);
    EXPECT_THAT(renamed, ElementsAre(testing::Pair(7, "better")));
    EXPECT_FALSE(model.flags(model.index(1, 0)).testFlag(Qt::ItemIsEditable)) << "the node of other runs has no name";
}

} // namespace
} // namespace dskd::ui
