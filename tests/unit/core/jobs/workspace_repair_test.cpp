#include "core/jobs/workspace_repair.h"

#include "core/base/atomic_file.h"
#include "core/base/regular_file.h"
#include "core/jobs/experiment_repair.h"
#include "core/jobs/experiments.h"
#include "core/jobs/run_origin.h"
#include "tests/support/job_fixture.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <string>

namespace dskd::jobs
{
namespace
{

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class WorkspaceRepair : public test::JobTest
{
protected:
    [[nodiscard]] fs::path trash(const std::string& id) const { return workspace.layout().trash() / id; }
};

TEST_F(WorkspaceRepair, LeavesAWorkspaceInOrderAsItIs)
{
    const std::string id = newRun("a");
    ASSERT_TRUE(moveToTrash(workspace, newRun("b")));
    const Repair repair = repairWorkspace(workspace);
    EXPECT_THAT(repair.done, IsEmpty());
    EXPECT_THAT(repair.left, IsEmpty());
    EXPECT_EQ(workspace.runs().size(), 1u);
    EXPECT_EQ(workspace.runs(true).size(), 1u);
}

TEST_F(WorkspaceRepair, TakesUpRunFoldersWithoutARow)
{
    const std::string id = newRun("mine");
    fs::copy(layout(id).root, layout("20200229-123456-copied").root, fs::copy_options::recursive);
    fs::copy(layout(id).root, trash("old"), fs::copy_options::recursive);
    fs::create_directories(layout("notes").root);
    EXPECT_THAT(runFoldersWithoutEntry(workspace), ElementsAre("20200229-123456-copied")) << "notes is no run";
    const Repair repair = repairWorkspace(workspace);
    ASSERT_EQ(repair.done.size(), 2u);
    EXPECT_THAT(repair.done[0], HasSubstr("20200229-123456-copied is taken up"));
    ASSERT_EQ(repair.left.size(), 1u);
    EXPECT_THAT(repair.left[0], HasSubstr("notes"));
    const store::RunRow row = workspace.run("20200229-123456-copied").value();
    EXPECT_EQ(row.name, "mine");
    EXPECT_EQ(row.method, workspace.run(id).value().method);
    std::tm made{};
    made.tm_year = 120;
    made.tm_mon = 1;
    made.tm_mday = 29;
    made.tm_hour = 12;
    made.tm_min = 34;
    made.tm_sec = 56;
    made.tm_isdst = -1;
    EXPECT_EQ(row.created, static_cast<double>(std::mktime(&made))) << "when it was made, which its id says";
    EXPECT_TRUE(workspace.run("old").value().trashed);
    EXPECT_THAT(runFoldersWithoutEntry(workspace), IsEmpty());
    EXPECT_THAT(repairWorkspace(workspace).done, IsEmpty()) << "once";
}

TEST_F(WorkspaceRepair, FinishesWhatWasKilledOnTheWayIntoTheTrashAndOutOfIt)
{
    const std::string in = newRun("a");
    const std::string out = newRun("b");
    ASSERT_TRUE(moveToTrash(workspace, out));
    fs::rename(layout(in).root, trash(in)); // and no row
    fs::rename(trash(out), layout(out).root);
    EXPECT_EQ(repairWorkspace(workspace).done.size(), 2u);
    EXPECT_TRUE(workspace.run(in).value().trashed);
    EXPECT_FALSE(workspace.run(out).value().trashed);
}

TEST_F(WorkspaceRepair, FinishesDeletionsForGood)
{
    const std::string renamed = newRun("a");     // killed before its row was gone
    const std::string forgotten = newRun("b");   // killed before its files were gone
    const std::string halfDeleted = newRun("c"); // by a version that deleted the files first
    for (const std::string& id : {renamed, forgotten, halfDeleted}) {
        ASSERT_TRUE(moveToTrash(workspace, id));
    }
    fs::rename(trash(renamed), trash(".purge-" + renamed));
    fs::rename(trash(forgotten), trash(".purge-" + forgotten));
    ASSERT_TRUE(workspace.forget(forgotten));
    fs::remove(trash(halfDeleted) / "config.json");
    const Repair repair = repairWorkspace(workspace);
    EXPECT_THAT(repair.left, IsEmpty());
    EXPECT_TRUE(workspace.runs(true).empty());
    EXPECT_TRUE(fs::is_empty(workspace.layout().trash()));
}

// A workspace whose experiment "ablation" has two revisions and runs of both, one of them in the trash.
class LostWorkspace : public WorkspaceRepair
{
protected:
    LostWorkspace()
    {
        plan.base = experiment();
        plan.axes = {{"method.space", {"diff", "dual"}}, {"train.lr", {"0.001", "0.002"}}};
        plan.seeds = {1};
        first = config::toText(plan);
        auto row = saveExperiment(workspace, "old name", plan).value();
        std::vector<config::Experiment> runs = unmadeRuns(workspace, row, workspace.runs()).value();
        runs.pop_back();
        ids = createQueued(workspace, row, runs).value();
        EXPECT_TRUE(store::ExperimentTable(workspace).rename(row.id, "ablation"));
        plan.seeds = {1, 2};
        row = saveExperiment(workspace, "ablation", plan).value();
        const auto more = createQueued(workspace, row, unmadeRuns(workspace, row, workspace.runs()).value()).value();
        ids.insert(ids.end(), more.begin(), more.end());
        EXPECT_TRUE(moveToTrash(workspace, ids.back()));
    }
    // The workspace that is made anew from the folders.
    Repair repairAnew()
    {
        const fs::path root = workspace.layout().root;
        const std::string file = workspace.layout().database().string();
        workspace = store::WorkspaceDb::create(folder / ("empty" + std::to_string(++numLosses))).value(); // closes it
        for (const char* suffix : {"", "-wal", "-shm"}) {
            fs::remove(file + suffix);
        }
        workspace = store::WorkspaceDb::create(root).value();
        return repairWorkspace(workspace);
    }

    config::Plan plan;
    std::string first; // revision 1
    std::vector<std::string> ids;
    int numLosses = 0;
};

std::vector<config::Axis> sorted(std::vector<config::Axis> axes)
{
    for (config::Axis& axis : axes) {
        std::sort(axis.values.begin(), axis.values.end());
    }
    return axes;
}

TEST_F(LostWorkspace, GetsAnExperimentBackWithItsAxesAndRevisions)
{
    ASSERT_EQ(ids.size(), 8u);
    for (int loss = 0; loss < 2; ++loss) { // what the repair writes is found again after the next loss
        const Repair repair = repairAnew();
        EXPECT_THAT(repair.left, IsEmpty());
        ASSERT_EQ(repair.done.size(), ids.size() + 1);
        EXPECT_EQ(repair.done.back(), "The experiment ablation has its 8 runs again.");
        store::ExperimentTable table(workspace);
        const auto all = table.all();
        ASSERT_EQ(all.size(), 1u);
        EXPECT_EQ(all[0].name, "ablation") << "as the newest run knows it";
        EXPECT_EQ(table.revision(all[0].id, 1).value().plan, first);
        EXPECT_EQ(table.revision(all[0].id, 2).value().plan, config::toText(plan));
        EXPECT_EQ(all[0].revision, 2);
        EXPECT_EQ(table.runs(all[0].id).size(), 7u) << "one is in the trash";
        EXPECT_EQ(workspace.run(ids[0]).value().revision, 1);
        EXPECT_EQ(workspace.run(ids[3]).value().revision, 2);
        EXPECT_EQ(workspace.run(ids[7]).value().experiment, all[0].id);
        EXPECT_EQ(placeRuns(workspace), 0u);
        EXPECT_EQ(unmadeRuns(workspace, all[0], workspace.runs()).value().size(), 1u) << "the one in the trash";
    }
}

TEST_F(LostWorkspace, OfAVersionThatKeptNoExperimentGetsItBackFromGroupAndNames)
{
    for (const std::string& id : ids) {
        fs::remove(layout(id).origin());
    }
    fs::remove(RunLayout{trash(ids.back())}.origin());
    const Repair repair = repairAnew();
    EXPECT_THAT(repair.left, IsEmpty());
    store::ExperimentTable table(workspace);
    std::vector<std::string> names;
    for (const store::ExperimentRow& row : table.all()) {
        names.push_back(row.name);
        EXPECT_EQ(sorted(planOf(workspace, row).value().axes), plan.axes) << row.name;
    }
    EXPECT_THAT(names, ElementsAre("ablation", "old name")) << "the runs before it was renamed are in another group";
    EXPECT_EQ(placeRuns(workspace), 0u);
}

TEST_F(LostWorkspace, NamesAnExperimentFileThatCannotBeReadAndTakesUpItsRun)
{
    ASSERT_TRUE(writeFileAtomically(layout(ids[0]).origin(), "{\"version\": 1"));
    const Repair repair = repairAnew();
    ASSERT_EQ(repair.left.size(), 1u);
    EXPECT_THAT(repair.left[0], HasSubstr(layout(ids[0]).origin().string()));
    EXPECT_TRUE(workspace.run(ids[0]));
    EXPECT_EQ(store::ExperimentTable(workspace).all().size(), 1u);
}

TEST_F(LostWorkspace, APlanIsFoundOnlyForRunsThatAllHaveTheNamesOfItsRuns)
{
    std::vector<config::Experiment> runs;
    for (std::size_t i = 0; i < 3; ++i) { // of the four combinations
        runs.push_back(runConfig(layout(ids[i])).value());
    }
    const auto found = planOfGroup("old name", runs);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->axes, plan.axes) << "lr is that of train, whose values it has";
    EXPECT_EQ(found->excluded.size(), 1u);
    EXPECT_EQ(config::expand(*found).value().size(), 3u);
    runs[1].train.batchSize += 1; // made from another configuration
    EXPECT_FALSE(planOfGroup("old name", runs));
    runs[1].train.batchSize -= 1;
    runs[1].name = "mine";
    EXPECT_FALSE(planOfGroup("old name", runs));
    EXPECT_FALSE(planOfGroup("old name", {}));
}

TEST_F(LostWorkspace, ARunThatWasCopiedBackGoesToItsExperimentThatIsStillThere)
{
    fs::rename(layout(ids[0]).root, folder / "away");
    ASSERT_TRUE(workspace.forget(ids[0]));
    fs::rename(folder / "away", layout(ids[0]).root);
    const Repair repair = repairWorkspace(workspace);
    EXPECT_THAT(repair.left, IsEmpty());
    store::ExperimentTable table(workspace);
    ASSERT_EQ(table.all().size(), 1u);
    EXPECT_EQ(table.all()[0].revision, 2);
    EXPECT_EQ(workspace.run(ids[0]).value().experiment, table.all()[0].id);
    EXPECT_EQ(workspace.run(ids[0]).value().revision, 1);
}

TEST(RunOrigin, IsReadAsItWasWritten)
{
    const test::TemporaryFolder folder;
    const RunLayout run{folder.path()};
    EXPECT_FALSE(readOrigin(run).value());
    config::Plan plan;
    plan.base.student.model = "/s";
    plan.axes = {{"train.lr", {"1e-3"}}};
    const KeptOrigin origin{3, 1'764'500'000.123456, 2, "a \"b\" \xc3\xa9", config::toText(plan)};
    ASSERT_TRUE(writeFileAtomically(run.origin(), toText(origin)));
    const KeptOrigin read = readOrigin(run).value().value();
    EXPECT_EQ(read.experiment, 3);
    EXPECT_EQ(read.created, origin.created);
    EXPECT_EQ(read.revision, 2);
    EXPECT_EQ(read.name, origin.name);
    EXPECT_EQ(read.plan, origin.plan);
    std::string newer = readTextFile(run.origin()).value();
    newer.replace(newer.find("\"version\": 1"), 12, "\"version\": 2");
    ASSERT_TRUE(writeFileAtomically(run.origin(), newer));
    EXPECT_THAT(readOrigin(run).failure().what, HasSubstr("of a version"));
}

TEST_F(WorkspaceRepair, NamesARunWhoseFolderIsGone)
{
    const std::string id = newRun("a");
    fs::remove_all(layout(id).root);
    const Repair repair = repairWorkspace(workspace);
    EXPECT_THAT(repair.done, IsEmpty());
    EXPECT_THAT(repair.left, ElementsAre(HasSubstr(id)));
    EXPECT_TRUE(workspace.run(id)) << "it may come back";
}

} // namespace
} // namespace dskd::jobs
