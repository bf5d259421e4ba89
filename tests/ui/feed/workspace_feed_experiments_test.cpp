// Experiments as the feed shows and changes them.

#include "core/base/regular_file.h"
#include "core/jobs/experiments.h"
#include "core/jobs/plan_progress.h"
#include "tests/ui/feed/workspace_feed_fixture.h"

#include <QSignalSpy>
#include <sstream>

namespace dskd::ui
{
namespace
{

using jobs::Status;
using test::spinUntil;
using testing::HasSubstr;

TEST_F(WorkspaceFeedTest, FindsAnExperimentForRunsThatHaveNone)
{
    config::Experiment loose = experiment("dual");
    loose.group = "demo";
    (void)jobs::createRun(workspace, loose).value();
    loose.seed += 1;
    (void)jobs::createRun(workspace, loose).value();
    WorkspaceFeed feed(root());
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1 && feed.experiments()[0].missing() == 2; }))
        << "neither was started";
    EXPECT_EQ(feed.experiments()[0].progress->unmade, 0u);
    EXPECT_EQ(feed.experiments()[0].row.name, "demo: dual");
    for (const RunRecord& run : feed.runs()) {
        EXPECT_EQ(run.row.experiment, feed.experiments()[0].row.id);
    }
}

TEST_F(WorkspaceFeedTest, SavesRevisionsAndMakesTheRunsThatAreMissing)
{
    WorkspaceFeed feed(root());
    QSignalSpy added(&feed, &WorkspaceFeed::added);
    config::Plan plan;
    plan.base = experiment();
    plan.seeds = {1, 2};
    feed.saveExperiment("pair", plan, false);
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1 && feed.experiments()[0].missing() == 2; }));
    EXPECT_EQ(added.count(), 0);
    const std::int64_t id = feed.experiments()[0].row.id;
    plan.seeds = {1, 2, 3};
    feed.saveExperiment("pair", plan, true);
    ASSERT_TRUE(spinUntil([&] { return feed.runs().size() == 3 && feed.experiments()[0].missing() == 0; }));
    EXPECT_EQ(feed.experiments()[0].row.revision, 2);
    ASSERT_EQ(added.count(), 1);
    EXPECT_EQ(added[0][0].toStringList().size(), 3);
    const std::vector<RunRecord> made = feed.runs(); // the feed's own change while it is waited
    for (const RunRecord& run : made) {
        EXPECT_EQ(run.row.experiment, id);
        EXPECT_EQ(run.row.revision, 2);
        EXPECT_TRUE(becomes(feed, run.row.id, Status::Done));
    }
    feed.runMissing(id);
    feed.moveToTrash({feed.runs()[0].row.id});
    ASSERT_TRUE(spinUntil([&] { return feed.experiments()[0].missing() == 1; })) << "what is in the trash is missing";
    feed.runMissing(id);
    ASSERT_TRUE(spinUntil([&] { return feed.runs().size() == 3 && feed.experiments()[0].missing() == 0; }));
    feed.runAgain(id);
    ASSERT_TRUE(spinUntil([&] { return feed.runs().size() == 6; }));
    const auto finished = [&] { // as the queue runners say when they go
        std::istringstream log(readTextFile(root() / "queue.log").value());
        int runs = 0;
        for (std::string line; std::getline(log, line);) {
            runs += line.find(" finished, ") == std::string::npos ? 0 : std::stoi(line);
        }
        return runs;
    };
    EXPECT_TRUE(spinUntil([&] { return finished() == 7; })) << "three, the one in the trash once more, all again";
}

TEST_F(WorkspaceFeedTest, StartsAMissingRunThatIsThereInsteadOfMakingAnother)
{
    config::Plan plan;
    plan.base = experiment();
    const auto row = jobs::saveExperiment(workspace, "one", plan).value();
    const std::string id = jobs::createQueued(workspace, row, jobs::missingRuns(workspace, row).value()).value()[0];
    ASSERT_TRUE(workspace.dequeue(id)); // as "dskd queue clear" does
    WorkspaceFeed feed(root());
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1 && feed.experiments()[0].missing() == 1; }));
    feed.runMissing(row.id);
    EXPECT_TRUE(becomes(feed, id, Status::Done));
    EXPECT_TRUE(spinUntil([&] { return feed.experiments()[0].missing() == 0; })) << "it is counted again as it ends";
    EXPECT_EQ(feed.runs().size(), 1u);
    // The runner that was started goes by itself, before its workspace does.
    EXPECT_TRUE(
        spinUntil([&] { return readTextFile(root() / "queue.log").value().find("1 finished") != std::string::npos; }));
}

TEST_F(WorkspaceFeedTest, TellsRunsOfEarlierRevisionsApart)
{
    config::Plan plan;
    plan.base = experiment();
    plan.seeds = {1, 2};
    const auto row = jobs::saveExperiment(workspace, "pair", plan).value();
    (void)jobs::createQueued(workspace, row, jobs::missingRuns(workspace, row).value()).value();
    plan.seeds = {2, 3};
    (void)jobs::saveExperiment(workspace, "pair", plan).value();
    WorkspaceFeed feed(root());
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1 && feed.experiments()[0].missing() == 1; }))
        << "seed 3 of the newest revision";
    const jobs::PlanProgress progress = feed.experiments()[0].progress.value();
    EXPECT_EQ(progress.planned, 2u);
    EXPECT_EQ(progress.earlier, 1u) << "seed 1";
    EXPECT_EQ(progress.unplanned.total(), 0u);
}

TEST_F(WorkspaceFeedTest, CountsTheRunsOfAnExperimentAsTheCommandLineDoes)
{
    config::Plan plan;
    plan.base = experiment();
    plan.seeds = {10};
    const auto row = jobs::saveExperiment(workspace, "one", plan).value();
    (void)jobs::createQueued(workspace, row, jobs::missingRuns(workspace, row).value()).value();
    config::Experiment loose = jobs::plannedRuns(row.name, plan).value()[0];
    loose.seed = 12;
    (void)jobs::createRun(workspace, loose).value();
    ASSERT_EQ(jobs::placeRuns(workspace), 1u);
    const jobs::PlanProgress expected =
        jobs::progressOf(jobs::readPlanState(workspace, row, workspace.runs()).value(), jobs::statusesOf(workspace));
    ASSERT_EQ(expected.planned, 1u);
    ASSERT_EQ(expected.unplanned.created, 1u) << "seed 12, which was never started";
    WorkspaceFeed feed(root());
    EXPECT_TRUE(
        spinUntil([&] { return feed.experiments().size() == 1 && feed.experiments()[0].progress == expected; }));
}

TEST_F(WorkspaceFeedTest, BringsARunBackIntoItsExperimentThatWasDeleted)
{
    config::Plan plan;
    plan.base = experiment();
    const auto row = jobs::saveExperiment(workspace, "one", plan).value();
    const std::string id = jobs::createQueued(workspace, row, jobs::missingRuns(workspace, row).value()).value()[0];
    WorkspaceFeed feed(root());
    ASSERT_TRUE(spinUntil([&] { return feed.runs().size() == 1 && feed.experiments().size() == 1; }));
    feed.moveToTrash({id});
    feed.deleteExperiment(row.id);
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().empty() && feed.trash().size() == 1; }));
    feed.restore({id});
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1 && feed.runs().size() == 1; }));
    EXPECT_EQ(feed.experiments()[0].row.name, "one");
    EXPECT_EQ(feed.runs()[0].row.experiment, row.id);
}

TEST_F(WorkspaceFeedTest, SaysWhenADeletedExperimentComesBackUnderAnotherName)
{
    config::Plan plan;
    plan.base = experiment();
    const auto row = jobs::saveExperiment(workspace, "one", plan).value();
    WorkspaceFeed feed(root());
    QSignalSpy failed(&feed, &WorkspaceFeed::commandFailed);
    std::vector<Edit> edits;
    QObject::connect(&feed, &WorkspaceFeed::edited, [&](const Edit& edit) { edits.push_back(edit); });
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1; }));
    feed.deleteExperiment(row.id);
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().empty() && edits.size() == 1; }));
    (void)jobs::saveExperiment(workspace, "one", plan).value(); // another, by the same name
    edits[0].undo();
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 2 && failed.count() == 1; }));
    EXPECT_EQ(feed.experiments()[0].row.id, row.id);
    EXPECT_EQ(feed.experiments()[0].row.name, "one 2");
    EXPECT_EQ(failed[0][0].toString(), "The experiment one is there again as one 2.");
    EXPECT_EQ(edits.size(), 1U) << "undoing is no edit";
}

TEST_F(WorkspaceFeedTest, ChangesExperimentsAndSaysWhatItRefuses)
{
    config::Plan plan;
    plan.base = experiment();
    WorkspaceFeed feed(root());
    QSignalSpy failed(&feed, &WorkspaceFeed::commandFailed);
    feed.saveExperiment("one", plan, false);
    feed.saveExperiment("two", plan, false);
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 2; }));
    const std::int64_t id = feed.experiments()[0].row.id;
    const auto row = [&]() -> const store::ExperimentRow& { return feed.experiments()[0].row; };
    feed.renameExperiment(id, "better");
    feed.setExperimentNote(id, "a note");
    feed.setExperimentTags(id, {"b", "a", "b"});
    feed.archiveExperiment(id, true);
    ASSERT_TRUE(spinUntil([&] { return row().archived.has_value(); }));
    EXPECT_EQ(row().name, "better");
    EXPECT_EQ(row().note, "a note");
    EXPECT_THAT(row().tags, testing::ElementsAre("a", "b"));
    EXPECT_EQ(failed.count(), 0);
    feed.renameExperiment(id, "two");
    ASSERT_TRUE(spinUntil([&] { return failed.count() == 1; }));
    EXPECT_THAT(failed[0][0].toString().toStdString(), HasSubstr("\"two\" already"));
    feed.deleteExperiment(id);
    ASSERT_TRUE(spinUntil([&] { return feed.experiments().size() == 1; }));
    EXPECT_EQ(row().name, "two");
    feed.runMissing(id);
    ASSERT_TRUE(spinUntil([&] { return failed.count() == 2; })) << "it is gone";
}

} // namespace
} // namespace dskd::ui
