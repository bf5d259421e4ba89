#include "core/jobs/experiments.h"

#include "core/jobs/plan_progress.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/time_estimate.h"
#include "core/store/run_writer.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <gmock/gmock.h>

namespace dskd::jobs
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ExperimentsOfAWorkspace : public testing::Test
{
protected:
    test::TemporaryFolder folder;
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
    store::ExperimentTable table{workspace};

    static config::Experiment configuration()
    {
        config::Experiment experiment;
        experiment.student.model = "/s";
        experiment.teacher.model = "/t";
        experiment.data.train = "/d.jsonl";
        return experiment;
    }
    std::vector<std::string> names()
    {
        std::vector<std::string> found;
        for (const store::ExperimentRow& row : table.all()) {
            found.push_back(row.name);
        }
        return found;
    }
};

TEST_F(ExperimentsOfAWorkspace, RunWhatTheyPlanAndDoNotHave)
{
    config::Plan plan;
    plan.base = configuration();
    plan.axes = {{"method.space", {"diff", "dual"}}};
    plan.seeds = {1, 2};
    const auto row = saveExperiment(workspace, "ablation", plan).value();
    const auto planned = missingRuns(workspace, row).value();
    ASSERT_THAT(planned, SizeIs(4));
    EXPECT_EQ(planned[2].name, "space=dual");
    EXPECT_EQ(planned[2].group, "ablation");
    const auto ids =
        createRuns(workspace, {planned[0], planned[3]}, store::Queueing::Yes, {row.id, row.revision}).value();
    EXPECT_THAT(table.runs(row.id), SizeIs(2));
    auto missing = missingRuns(workspace, row).value();
    ASSERT_THAT(missing, SizeIs(2));
    EXPECT_EQ(missing[0].seed, 2u);
    EXPECT_EQ(missing[1].seed, 1u);
    ASSERT_TRUE(moveToTrash(workspace, ids[0]));
    EXPECT_THAT(missingRuns(workspace, row).value(), SizeIs(3)) << "what is in the trash is missing";

    plan.seeds = {1, 2, 3};
    const auto revised = saveExperiment(workspace, "ablation", plan).value();
    EXPECT_EQ(revised.id, row.id);
    EXPECT_EQ(revised.revision, 2);
    EXPECT_THAT(missingRuns(workspace, revised).value(), SizeIs(5));
    EXPECT_THAT(planOf(workspace, revised, 1).value().seeds, SizeIs(2));
    EXPECT_EQ(workspace.run(ids[1]).value().revision, 1);
}

TEST_F(ExperimentsOfAWorkspace, QueueTheirRunsWithWhatTheyCameFrom)
{
    config::Plan plan;
    plan.base = configuration();
    plan.seeds = {1, 2};
    (void)saveExperiment(workspace, "pair", plan).value();
    plan.seeds = {1, 2, 3};
    const auto row = saveExperiment(workspace, "pair", plan).value();
    const auto ids = createQueued(workspace, row, missingRuns(workspace, row).value()).value();
    ASSERT_THAT(ids, SizeIs(3));
    for (const std::string& id : ids) {
        EXPECT_EQ(workspace.run(id).value().experiment, row.id);
        EXPECT_EQ(workspace.run(id).value().revision, 2);
    }
    EXPECT_THAT(workspace.queue(), SizeIs(3));
    EXPECT_THAT(createQueued(workspace, row, {}).value(), IsEmpty());
    EXPECT_THAT(workspace.queue(), SizeIs(3));
}

TEST_F(ExperimentsOfAWorkspace, AreDeletedOnceTheirRunsAreInTheTrash)
{
    config::Plan plan;
    plan.base = configuration();
    const auto row = saveExperiment(workspace, "one", plan).value();
    const auto ids = createQueued(workspace, row, missingRuns(workspace, row).value()).value();
    ASSERT_THAT(ids, SizeIs(1));
    EXPECT_EQ(deleteExperiment(workspace, row).failure().kind, FailureKind::Usage);
    EXPECT_THAT(names(), ElementsAre("one"));
    ASSERT_TRUE(moveToTrash(workspace, ids[0]));
    ASSERT_TRUE(deleteExperiment(workspace, row));
    EXPECT_THAT(names(), IsEmpty());
    const Restored restored = restoreRun(workspace, ids[0]).value();
    EXPECT_EQ(restored.placement, Restored::Placement::Revived);
    EXPECT_EQ(restored.experiment->id, row.id);
    EXPECT_THAT(names(), ElementsAre("one")) << "with the run that comes back";
    EXPECT_THAT(table.revisions(row.id), SizeIs(1));
    EXPECT_EQ(placeRuns(workspace), 0u);
}

// As a worker leaves it.
void end(const RunLayout& run, int exitCode)
{
    auto writer = store::RunWriter::open(run).value();
    writer->beginAttempt(std::nullopt).value();
    writer->addEvent(3, exitCode == 0 ? "done" : store::kFailedEvent, "The end.");
    writer->endAttempt(exitCode, "The end.").value();
}

TEST_F(ExperimentsOfAWorkspace, MissWhatIsNeitherDoneNorAtWorkNorQueued)
{
    config::Plan plan;
    plan.base = configuration();
    plan.seeds = {1, 2, 3, 4, 5};
    const auto row = saveExperiment(workspace, "five", plan).value();
    const auto planned = plannedRuns(row.name, plan).value();
    const auto ids = createQueued(workspace, row, {planned[0], planned[1], planned[2], planned[3]}).value();
    for (const std::string& id : {ids[0], ids[1], ids[2]}) {
        workspace.dequeue(id);
    }
    end(workspace.layout().run(ids[0]), 0);
    end(workspace.layout().run(ids[1]), 1);
    const auto seedsOf = [](const std::vector<config::Experiment>& runs) {
        std::vector<std::uint64_t> seeds;
        for (const config::Experiment& run : runs) {
            seeds.push_back(run.seed);
        }
        return seeds;
    };
    EXPECT_THAT(seedsOf(missingRuns(workspace, row).value()), ElementsAre(2u, 3u, 5u))
        << "one is done, the second failed, the third was never started, the fourth is queued, the fifth not made";
    EXPECT_THAT(seedsOf(unmadeRuns(workspace, row, workspace.runs()).value()), ElementsAre(5u));
    const PlanProgress progress =
        progressOf(readPlanState(workspace, row, workspace.runs()).value(), statusesOf(workspace));
    EXPECT_EQ(progress.planned, 5u);
    EXPECT_EQ(progress.done, 1u);
    EXPECT_EQ(progress.failed, 1u);
    EXPECT_EQ(progress.created, 1u);
    EXPECT_EQ(progress.queued, 1u);
    EXPECT_EQ(progress.unmade, 1u);
    EXPECT_EQ(progress.missing(), 3u);

    ASSERT_TRUE(moveToTrash(workspace, ids[3])); // and back: created, not queued any more
    ASSERT_TRUE(restoreRun(workspace, ids[3]));
    EXPECT_THAT(seedsOf(missingRuns(workspace, row).value()), ElementsAre(2u, 3u, 4u, 5u));

    const QueuedRuns one = queueMissing(workspace, row, std::vector{planned[2]}).value();
    EXPECT_THAT(one.made, IsEmpty());
    EXPECT_THAT(one.continued, ElementsAre(ids[2])) << "only what is wanted, and no second run of it";
    const QueuedRuns rest = queueMissing(workspace, row).value();
    EXPECT_THAT(rest.made, SizeIs(1));
    EXPECT_THAT(rest.continued, ElementsAre(ids[1], ids[3]));
    EXPECT_THAT(table.runs(row.id), SizeIs(5));
    EXPECT_THAT(workspace.queue(), SizeIs(4));
    EXPECT_THAT(missingRuns(workspace, row).value(), IsEmpty());
    EXPECT_THAT(queueMissing(workspace, row).value().made, IsEmpty());
}

TEST_F(ExperimentsOfAWorkspace, AMissingRunWhoseFolderIsGoneIsMadeAnew)
{
    config::Plan plan;
    plan.base = configuration();
    const auto row = saveExperiment(workspace, "one", plan).value();
    const std::string lost = createQueued(workspace, row, missingRuns(workspace, row).value()).value()[0];
    workspace.dequeue(lost);
    std::filesystem::remove_all(workspace.layout().run(lost).root);
    const QueuedRuns queued = queueMissing(workspace, row).value();
    EXPECT_THAT(queued.continued, IsEmpty());
    ASSERT_THAT(queued.made, SizeIs(1));
    EXPECT_NE(queued.made[0], lost);
}

// Of the five runs of revision 1 revision 2 has two; it plans two more.
TEST_F(ExperimentsOfAWorkspace, CountRunsOfEarlierRevisionsApart)
{
    config::Plan plan;
    plan.base = configuration();
    plan.seeds = {1, 2, 3, 4, 5};
    auto row = saveExperiment(workspace, "five", plan).value();
    const auto ids = createQueued(workspace, row, plannedRuns(row.name, plan).value()).value();
    for (const std::string& id : ids) {
        workspace.dequeue(id);
        end(workspace.layout().run(id), 0);
    }
    plan.seeds = {1, 2, 6, 7};
    row = saveExperiment(workspace, "five", plan).value();
    const PlanState state = readPlanState(workspace, row, workspace.runs()).value();
    const PlanProgress progress = progressOf(state, statusesOf(workspace));
    EXPECT_EQ(progress.planned, 4u);
    EXPECT_EQ(progress.done, 2u);
    EXPECT_EQ(progress.missing(), 2u);
    EXPECT_EQ(progress.earlier, 3u);
    EXPECT_THAT(state.others, ElementsAre(ids[2], ids[3], ids[4]));
    const auto first = progressOf(readPlanState(workspace, row, workspace.runs(), 1).value(), statusesOf(workspace));
    EXPECT_EQ(first.done, 5u);
    EXPECT_EQ(first.earlier, 0u) << "there is none before it";
}

// train.threads makes no other run of a configuration, unless it is what the experiment varies.
TEST_F(ExperimentsOfAWorkspace, TellRunsApartByWhatTheyVary)
{
    config::Plan plan;
    plan.base = configuration();
    plan.axes = {{"train.threads", {"1", "2"}}};
    const auto row = saveExperiment(workspace, "threads", plan).value();
    const auto planned = missingRuns(workspace, row).value();
    ASSERT_THAT(planned, SizeIs(2));
    (void)createQueued(workspace, row, {planned[0]}).value();
    const auto missing = missingRuns(workspace, row).value();
    ASSERT_THAT(missing, SizeIs(1));
    EXPECT_EQ(missing[0].train.threads, 2);
}

TEST_F(ExperimentsOfAWorkspace, QueueOfAnAxisOverThreadsOnlyWhatIsNamed)
{
    config::Plan plan;
    plan.base = configuration();
    plan.axes = {{"train.threads", {"1", "2"}}};
    const auto row = saveExperiment(workspace, "threads", plan).value();
    const auto planned = missingRuns(workspace, row).value();
    ASSERT_THAT(planned, SizeIs(2));
    EXPECT_THAT(queueMissing(workspace, row, std::vector{planned[1]}).value().made, SizeIs(1));
    const auto missing = missingRuns(workspace, row).value();
    ASSERT_THAT(missing, SizeIs(1));
    EXPECT_EQ(missing[0].train.threads, 1);
}

TEST_F(ExperimentsOfAWorkspace, PlanOnceWhatIsTheSameRun)
{
    config::Plan plan;
    plan.base = configuration();
    plan.axes = {{"method.objective", {"sft", "kd"}}, {"projector.lr", {"0.1", "0.2", "0.3"}}};
    plan.seeds = {1, 2};
    const auto row = saveExperiment(workspace, "projectors", plan).value();
    const PlanState state = readPlanState(workspace, row, workspace.runs()).value();
    EXPECT_EQ(state.cells, 12u);
    ASSERT_THAT(state.entries, SizeIs(8)) << "fine-tuning has no projectors";
    EXPECT_EQ(state.entries[0].run.name, "objective=sft");
    EXPECT_EQ(state.entries[2].run.name, "objective=kd lr=0.1");
    EXPECT_EQ(planText(state.cells, state.entries.size()), "12 cells, 8 runs: 4 have no effect");
    EXPECT_EQ(planText(8, 8), "8 runs");
    EXPECT_EQ(planText(2, 1), "2 cells, 1 run: 1 has no effect");
}

TEST_F(ExperimentsOfAWorkspace, ARestoredRunGoesBackToItsOwnAndToNoOtherThatIsLikeIt)
{
    config::Plan plan;
    plan.base = configuration();
    const auto own = saveExperiment(workspace, "own", plan).value();
    const auto other = saveExperiment(workspace, "other", plan).value();
    const std::string id = createQueued(workspace, own, plannedRuns("own", plan).value()).value()[0];
    (void)createQueued(workspace, other, plannedRuns("other", plan).value()).value();
    ASSERT_TRUE(table.setArchived(own.id, 1.0));
    ASSERT_TRUE(moveToTrash(workspace, id));
    Restored restored = restoreRun(workspace, id).value();
    EXPECT_EQ(restored.placement, Restored::Placement::Own);
    EXPECT_EQ(restored.experiment->name, "own");
    EXPECT_TRUE(restored.experiment->archived) << "it stays where it is";

    ASSERT_TRUE(moveToTrash(workspace, id));
    ASSERT_TRUE(deleteExperiment(workspace, own));
    (void)saveExperiment(workspace, "own", plan).value(); // another, by the same name
    restored = restoreRun(workspace, id).value();
    EXPECT_EQ(restored.placement, Restored::Placement::Revived);
    EXPECT_EQ(restored.experiment->id, own.id);
    EXPECT_EQ(restored.experiment->name, "own 2");
    EXPECT_THAT(table.runs(other.id), SizeIs(1));
}

TEST_F(ExperimentsOfAWorkspace, ARestoredRunThatHasNoneGetsOneOfItsOwn)
{
    config::Experiment loose = configuration();
    loose.name = "alone";
    const std::string id = createRun(workspace, loose).value(); // no experiment yet
    ASSERT_TRUE(moveToTrash(workspace, id));
    loose.name = "like it";
    (void)createRun(workspace, loose).value();
    ASSERT_EQ(placeRuns(workspace), 1u);
    const Restored restored = restoreRun(workspace, id).value();
    EXPECT_EQ(restored.placement, Restored::Placement::Made);
    EXPECT_EQ(restored.experiment->name, "alone");
    EXPECT_THAT(names(), ElementsAre("like it", "alone"));
    EXPECT_EQ(workspace.run(id).value().experiment, restored.experiment->id);

    config::Experiment evaluation = configuration();
    evaluation.job = config::JobKind::Evaluate;
    evaluation.evaluate.data = "/d.jsonl";
    const std::string evaluated = createRun(workspace, evaluation).value();
    ASSERT_TRUE(moveToTrash(workspace, evaluated));
    EXPECT_EQ(restoreRun(workspace, evaluated).value().placement, Restored::Placement::None);
    EXPECT_FALSE(restoreRun(workspace, evaluated)) << "it is not in the trash";
}

TEST_F(ExperimentsOfAWorkspace, AreNotRevisedByTheNameOfAConfiguration)
{
    config::Plan plan;
    plan.base = configuration();
    plan.base.name = "first file";
    const auto row = saveExperiment(workspace, "a", plan).value();
    plan.base.name = "second file";
    plan.base.group = "g";
    EXPECT_EQ(saveExperiment(workspace, "a", plan).value().revision, 1);
    EXPECT_EQ(planOf(workspace, row).value().base.name, "first file");
    plan.base.train.lr = 0.5;
    EXPECT_EQ(saveExperiment(workspace, "a", plan).value().revision, 2);
}

TEST_F(ExperimentsOfAWorkspace, ARunOfALooseConfigurationGetsOne)
{
    config::Experiment dual = configuration();
    dual.name = "dual, seed 10";
    dual.group = "demo";
    dual.seed = 10;
    const std::string first = createRun(workspace, dual).value();
    dual.seed = 20;
    dual.name = "dual, seed 20";
    (void)createRun(workspace, dual).value();
    config::Experiment other = configuration();
    other.train.lr = 0.5;
    other.name = "dual, seed 10";
    other.group = "demo";
    (void)createRun(workspace, other).value();
    EXPECT_EQ(placeRuns(workspace), 3u);
    EXPECT_EQ(placeRuns(workspace), 0u);
    EXPECT_THAT(names(), ElementsAre("demo: dual", "demo: dual 2"));
    const auto row = table.find("demo: dual").value();
    EXPECT_THAT(table.runs(row.id), SizeIs(2));
    EXPECT_THAT(planOf(workspace, row).value().seeds, ElementsAre(10u, 20u));
    EXPECT_THAT(unmadeRuns(workspace, row, workspace.runs()).value(), IsEmpty());

    dual.seed = 30;
    dual.name.clear();
    const std::string later = createRun(workspace, dual).value();
    EXPECT_EQ(placeRuns(workspace), 1u);
    EXPECT_EQ(workspace.run(later).value().experiment, row.id) << "one more seed of it";
    EXPECT_EQ(workspace.run(first).value().revision, 1);
}

TEST_F(ExperimentsOfAWorkspace, EvaluationsBelongToNone)
{
    config::Experiment evaluation = configuration();
    evaluation.job = config::JobKind::Evaluate;
    evaluation.evaluate.data = "/d.jsonl";
    (void)createRun(workspace, evaluation).value();
    EXPECT_EQ(placeRuns(workspace), 0u);
    EXPECT_THAT(table.all(), IsEmpty());
}

TEST_F(ExperimentsOfAWorkspace, APlanThatCannotRunIsNotSaved)
{
    config::Plan plan;
    plan.base = configuration();
    plan.axes = {{"method.space", {"nowhere"}}};
    EXPECT_EQ(saveExperiment(workspace, "a", plan).failure().kind, FailureKind::Usage);
    EXPECT_THAT(table.all(), IsEmpty());
}

} // namespace
} // namespace dskd::jobs
