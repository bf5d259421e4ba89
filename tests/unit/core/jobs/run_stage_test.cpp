#include "core/jobs/plan_progress.h"
#include "core/jobs/run_stage.h"

#include <gmock/gmock.h>
#include <map>
#include <string>

namespace dskd::jobs
{
namespace
{

TEST(RunStage, OfSeveralRunsIsThatOfTheOneThatGotFurthest)
{
    EXPECT_EQ(furthestStage({Status::Failed, Status::Stalled, Status::Done}), Stage::Done);
    EXPECT_EQ(furthestStage({Status::Failed, Status::Stalled, Status::Queued}), Stage::Running);
    EXPECT_EQ(furthestStage({Status::Starting, Status::Queued}), Stage::Running);
    EXPECT_EQ(furthestStage({Status::Created, Status::Queued}), Stage::Queued);
    EXPECT_EQ(furthestStage({Status::Created, Status::Stopped, Status::Crashed}), Stage::Created);
    EXPECT_EQ(furthestStage({Status::OutOfMemory, Status::Stopped}), Stage::Stopped) << "in either order";
    EXPECT_EQ(furthestStage({Status::Stopped, Status::OutOfMemory}), Stage::Stopped);
    EXPECT_EQ(furthestStage({Status::Crashed}), Stage::Failed);
}

// Each entry counts once, whatever the order of its runs.
TEST(PlannedRuns, CountByTheOneThatGotFurthest)
{
    const std::map<std::string, Status> statuses{{"done", Status::Done},       {"stalled", Status::Stalled},
                                                 {"queued", Status::Queued},   {"failed", Status::Failed},
                                                 {"stopped", Status::Stopped}, {"created", Status::Created}};
    const StatusOf statusOf = [&](const std::string& id) { return statuses.at(id); };
    PlanState state;
    state.entries.resize(8);
    state.entries[0].made = {"done", "stalled", "failed"};
    state.entries[1].made = {"failed", "stalled", "queued"};
    state.entries[2].made = {"created", "queued"};
    state.entries[3].made = {"created", "failed"};
    state.entries[4].made = {"failed", "created"};
    state.entries[5].made = {"stopped", "failed"};
    state.entries[6].made = {"failed"};
    const PlanProgress progress = progressOf(state, statusOf);
    EXPECT_EQ(progress.planned, 8u);
    EXPECT_EQ(progress.done, 1u);
    EXPECT_EQ(progress.running, 1u);
    EXPECT_EQ(progress.queued, 1u);
    EXPECT_EQ(progress.created, 2u) << "the order of the runs does not count";
    EXPECT_EQ(progress.stopped, 1u);
    EXPECT_EQ(progress.failed, 1u);
    EXPECT_EQ(progress.unmade, 1u);
    EXPECT_EQ(progress.missing(), 5u);

    EXPECT_FALSE(isMissing({"failed", "queued"}, statusOf));
    EXPECT_FALSE(isMissing({"stalled"}, statusOf));
    EXPECT_FALSE(isMissing({"done", "stopped"}, statusOf));
    EXPECT_TRUE(isMissing({"failed", "stopped", "created"}, statusOf));
    EXPECT_TRUE(isMissing({}, statusOf));
}

TEST(PlannedRuns, DoNotIncludeTheRunsThatThePlanDoesNotHave)
{
    const std::map<std::string, Status> statuses{{"planned", Status::Done},
                                                 {"crashed", Status::Crashed},
                                                 {"of revision 1", Status::Done},
                                                 {"stalled", Status::Stalled},
                                                 {"also of revision 1", Status::Failed}};
    PlanState state;
    state.entries.resize(1);
    state.entries[0].made = {"planned"};
    state.others = {"crashed", "of revision 1", "stalled", "also of revision 1"};
    state.earlier = {"of revision 1", "also of revision 1"};
    const PlanProgress progress = progressOf(state, [&](const std::string& id) { return statuses.at(id); });
    EXPECT_EQ(progress.planned, 1u);
    EXPECT_EQ(progress.total(), 1u);
    EXPECT_EQ(progress.done, 1u);
    EXPECT_EQ(progress.failed, 0u);
    EXPECT_EQ(progress.missing(), 0u);
    EXPECT_EQ(progress.earlier, 2u);
    StageCounts expected;
    expected.failed = 1;
    expected.running = 1;
    EXPECT_EQ(progress.unplanned, expected) << "without those of earlier revisions";
}

} // namespace
} // namespace dskd::jobs
