#include "core/jobs/experiments.h"

#include "core/jobs/run_folder.h"
#include "tests/support/temporary_folder.h"

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
        createRuns(workspace, {planned[0], planned[3]}, store::Queueing::No, {row.id, row.revision}).value();
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
    ASSERT_TRUE(restoreFromTrash(workspace, ids[0]));
    EXPECT_EQ(placeRuns(workspace), 1u) << "a run that comes back gets an experiment anew";
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
    EXPECT_THAT(missingRuns(workspace, row).value(), IsEmpty());

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
