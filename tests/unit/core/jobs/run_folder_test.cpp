#include "core/jobs/run_folder.h"

#include "core/base/atomic_file.h"
#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/staged_run.h"
#include "core/store/database.h"
#include "core/store/experiment_table.h"
#include "core/store/run_lock.h"
#include "tests/support/job_fixture.h"

#include <atomic>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace dskd::jobs
{
namespace
{

using testing::HasSubstr;
using testing::MatchesRegex;

class RunFolder : public test::JobTest
{
};

TEST_F(RunFolder, GetsAReadableIdAndAFrozenConfiguration)
{
    config::Experiment e = experiment();
    e.method.alignment = config::Alignment::Cma;
    e.method.distance = Distance::Akl;
    e.seed = 20;
    const std::string id = createRun(workspace, e).value();
    EXPECT_THAT(id, MatchesRegex("[0-9]{8}-[0-9]{6}-dskd-cma-akl-s20"));
    EXPECT_EQ(config::toJson(runConfig(layout(id)).value()), config::toJson(e));
    const store::RunRow row = workspace.run(id).value();
    EXPECT_EQ(row.name, "dskd-cma-akl-s20");
    EXPECT_EQ(row.distance, "akl");
    EXPECT_EQ(row.seed, 20u);
    EXPECT_NEAR(row.created, unixTime(), 60);
}

TEST_F(RunFolder, WithoutANameIsCalledByItsMethodAsTablesShowIt)
{
    const auto called = [](const config::Experiment& e) { return summaryOf(e).name + "|" + summaryOf(e).methodLabel; };
    config::Experiment e = experiment();
    EXPECT_EQ(called(e), "dskd-s10|dskd");
    config::setField(e, "method", "seqkd").value();
    EXPECT_EQ(called(e), "seqkd-s10|seqkd");
    config::setField(e, "method", "dskd-cma").value();
    e.keyQuery.matching = config::KeyQueryMatching::Sinkhorn;
    EXPECT_EQ(called(e), "dual-kl-cma-sinkhorn-s10|dual kl cma sinkhorn");
    e.job = config::JobKind::Evaluate;
    EXPECT_EQ(called(e), "evaluate-s10|evaluate");
    e.name = "mine";
    EXPECT_EQ(called(e), "mine|evaluate");
}

TEST_F(RunFolder, NeverReusesAnId)
{
    std::set<std::string> ids;
    for (int i = 0; i < 5; ++i) {
        const std::string id = newRun("");
        EXPECT_TRUE(ids.insert(id).second);
        if (i == 2) {
            ASSERT_TRUE(moveToTrash(workspace, id));
        }
    }
}

TEST_F(RunFolder, IsNotCalledWhatMeansSomethingElse)
{
    config::Experiment e = experiment("last");
    EXPECT_EQ(createRun(workspace, e).failure().kind, FailureKind::Usage);
    e = experiment("dual");
    e.group = "two\nlines";
    EXPECT_THAT(createRun(workspace, e).failure().what, testing::HasSubstr("control character"));
    EXPECT_TRUE(workspace.runs().empty());
    e = experiment("model=/models/a@2"); // as the plan of an experiment names its runs
    EXPECT_FALSE(createRun(workspace, e));
    EXPECT_TRUE(
        createRuns(workspace, {e}, store::Queueing::No, {store::ExperimentTable(workspace).add("a", "{}").value(), 1}));
}

TEST_F(RunFolder, IsNotMadeForAnExperimentWithProblems)
{
    config::Experiment e = experiment();
    e.teacher.model = "";
    e.data.train = "";
    const auto refused = createRun(workspace, e);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.failure().what, HasSubstr("2 problems"));
    EXPECT_THAT(refused.failure().what, HasSubstr("teacher.model"));
    EXPECT_TRUE(std::filesystem::is_empty(workspace.layout().runs()));
    EXPECT_TRUE(workspace.runs().empty());
}

TEST_F(RunFolder, IsNotMadeWithAValueThatItsWorkerWouldRefuse)
{
    config::Experiment e = experiment();
    e.validation.maxNewTokens = 0;
    EXPECT_THAT(createRun(workspace, e).failure().what, testing::HasSubstr("validation.max_new_tokens"));
    EXPECT_TRUE(workspace.runs().empty());
}

TEST_F(RunFolder, HashesWhatDecidesTheOutcome)
{
    config::Experiment e = experiment();
    const std::string hash = configHash(e);
    e.seed = 99;
    e.name = "other";
    e.log.probeEvery = 1;
    e.train.threads = 1;
    EXPECT_EQ(configHash(e), hash);
    e.train.lr *= 2;
    EXPECT_NE(configHash(e), hash);
}

TEST_F(RunFolder, HashesNoFieldWithoutAnEffect)
{
    config::Experiment sft = experiment();
    sft.method.objective = config::Objective::Sft;
    const std::string hash = configHash(sft);
    sft.method.temperature *= 2; // of distillation, which SFT does not do
    EXPECT_EQ(configHash(sft), hash);

    config::Experiment distilled = experiment();
    const std::string other = configHash(distilled);
    distilled.method.temperature *= 2;
    EXPECT_NE(configHash(distilled), other);
}

TEST_F(RunFolder, GoesToTheTrashAndComesBackWhole)
{
    const std::string id = newRun("");
    ASSERT_TRUE(writeFileAtomically(layout(id).root / "data.bin", std::string(1000, 'x')));
    ASSERT_TRUE(workspace.enqueue(id));
    ASSERT_TRUE(moveToTrash(workspace, id));
    EXPECT_FALSE(std::filesystem::exists(layout(id).root));
    EXPECT_TRUE(workspace.runs().empty());
    EXPECT_TRUE(workspace.queue().empty());
    EXPECT_FALSE(moveToTrash(workspace, id));
    EXPECT_FALSE(workspace.enqueue(id));
    ASSERT_TRUE(restoreFromTrash(workspace, id));
    EXPECT_EQ(readTextFile(layout(id).root / "data.bin").value().size(), 1000u);
    EXPECT_FALSE(restoreFromTrash(workspace, id));
    EXPECT_FALSE(purge(workspace, id)) << "only from the trash";
    ASSERT_TRUE(moveToTrash(workspace, id));
    EXPECT_GT(purge(workspace, id).value(), 1000u);
    EXPECT_FALSE(workspace.run(id));
    EXPECT_TRUE(std::filesystem::is_empty(workspace.layout().trash()));
    EXPECT_FALSE(moveToTrash(workspace, "../../elsewhere"));
}

TEST_F(RunFolder, OfSeveralAreAllMadeAndQueuedOrNone)
{
    config::Experiment broken = experiment("b");
    broken.data.train = "";
    EXPECT_FALSE(createRuns(workspace, {experiment("a"), broken}, store::Queueing::Yes));
    EXPECT_TRUE(workspace.runs().empty());
    EXPECT_TRUE(std::filesystem::is_empty(workspace.layout().runs()));

    const auto ids = createRuns(workspace, {experiment("a"), experiment("b"), experiment("c")}, store::Queueing::Yes);
    ASSERT_TRUE(ids);
    ASSERT_EQ(workspace.queue().size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(workspace.queue()[i].runId, (*ids)[i]);
        EXPECT_EQ(workspace.queue()[i].position, static_cast<std::int64_t>(i) + 1);
        EXPECT_EQ(runConfig(layout((*ids)[i])).value().name, std::string(1, static_cast<char>('a' + i)));
    }
    std::size_t folders = 0;
    for (const auto& entry : std::filesystem::directory_iterator(workspace.layout().runs())) {
        ++folders;
        EXPECT_FALSE(std::filesystem::exists(entry.path() / "creating")) << entry.path();
    }
    EXPECT_EQ(folders, 3u);
}

TEST_F(RunFolder, LeavesNothingWhenTheDatabaseRefusesIt)
{
    {
        const store::Database other(workspace.layout().database(), store::Database::Access::ReadWrite);
        other.execute("CREATE TRIGGER no BEFORE INSERT ON queue BEGIN SELECT RAISE(ABORT, 'not now'); END");
    }
    EXPECT_THROW((void)createRuns(workspace, {experiment("a"), experiment("b")}, store::Queueing::Yes), Error);
    EXPECT_TRUE(workspace.runs().empty());
    EXPECT_TRUE(std::filesystem::is_empty(workspace.layout().runs()));
}

// A process that is killed while it makes runs, before or after their folders are in their places.
void makeRunsAndDie(const WorkspaceLayout& workspace, const config::Experiment& experiment, bool placed)
{
    const pid_t child = fork();
    if (child == 0) {
        auto run = StagedRun::make(workspace, "20260101-000000-half", config::toText(experiment));
        if (run && *run != nullptr && placed) {
            (void)(*run)->place();
        }
        _exit(run && *run != nullptr ? 0 : 1); // no destructor runs
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
}

TEST_F(RunFolder, OfACreationThatWasKilledIsRemovedByTheNextOne)
{
    for (const bool placed : {false, true}) {
        makeRunsAndDie(workspace.layout(), experiment("half"), placed);
        ASSERT_FALSE(std::filesystem::is_empty(workspace.layout().runs()));
        EXPECT_TRUE(workspace.runs().empty()) << "nobody sees it";
        const std::string id = newRun("whole");
        std::size_t folders = 0;
        for (const auto& entry : std::filesystem::directory_iterator(workspace.layout().runs())) {
            ++folders;
            EXPECT_EQ(entry.path().filename(), id);
        }
        EXPECT_EQ(folders, 1u);
        ASSERT_TRUE(moveToTrash(workspace, id));
    }
}

TEST_F(RunFolder, InTheMakingIsLeftToWhoMakesIt)
{
    std::vector<std::jthread> makers; // of processes of their own it would be the same: the lock is the folder's
    std::atomic<int> made = 0;
    for (int i = 0; i < 8; ++i) {
        makers.emplace_back([&] {
            auto own = store::WorkspaceDb::open(folder / "w").value();
            for (int j = 0; j < 5; ++j) {
                made += createRuns(own, {experiment(), experiment()}, store::Queueing::Yes) ? 2 : 0;
            }
        });
    }
    makers.clear();
    EXPECT_EQ(made, 80);
    EXPECT_EQ(workspace.runs().size(), 80u);
    EXPECT_EQ(workspace.queue().size(), 80u);
    for (const store::RunRow& run : workspace.runs()) {
        EXPECT_TRUE(runConfig(workspace.layout().run(run.id))) << run.id;
    }
}

TEST_F(RunFolder, ThatWasWorkedOnIsNeverTakenForUnfinished)
{
    const std::string id = newRun("steps=1");
    launch(id);
    ASSERT_EQ(waitUntil(id, [](const RunStatus& status) { return status.status == Status::Done; }).status,
              Status::Done);
    ASSERT_TRUE(writeFileAtomically(layout(id).creating(), "")); // what a kill at its removal leaves
    ASSERT_TRUE(workspace.forget(id));                           // with workspace.db lost
    EXPECT_THAT(RunCreation::begin(workspace).value().removed(), testing::IsEmpty());
    EXPECT_TRUE(std::filesystem::exists(layout(id).database()));
    EXPECT_FALSE(std::filesystem::exists(layout(id).creating()));
}

TEST_F(RunFolder, StaysWhileItsWorkerLives)
{
    const std::string id = newRun("end=hang");
    launch(id);
    EXPECT_THAT(moveToTrash(workspace, id).failure().hint, HasSubstr("Stop it first"));
}

TEST_F(RunFolder, GoesBackWhereItsRowCannotBeWritten)
{
    const std::string id = newRun("x");
    auto impatient = store::WorkspaceDb::open(workspace.layout().root, std::chrono::milliseconds(1)).value();
    {
        const store::Database other(workspace.layout().database(), store::Database::Access::ReadWrite);
        const store::Transaction lock(other);
        EXPECT_FALSE(moveToTrash(impatient, id));
        EXPECT_TRUE(std::filesystem::exists(layout(id).config()));
    }
    ASSERT_TRUE(moveToTrash(impatient, id));
    const store::Database other(workspace.layout().database(), store::Database::Access::ReadWrite);
    const store::Transaction lock(other);
    EXPECT_FALSE(restoreFromTrash(impatient, id));
    EXPECT_FALSE(std::filesystem::exists(layout(id).config()));
}

TEST_F(RunFolder, ThatIsACopyHasNoWorker)
{
    const std::string id = newRun("end=hang");
    launch(id);
    waitUntil(id, [](const RunStatus& status) { return status.status == Status::Running; });
    const auto lock = store::RunLock::take(layout(id)); // which the real worker holds
    const RunLayout copy{workspace.layout().runs() / "copy"};
    std::filesystem::copy(layout(id).root, copy.root, std::filesystem::copy_options::recursive);
    EXPECT_TRUE(isAlive(readStatus(layout(id)).status));
    EXPECT_FALSE(isAlive(readStatus(copy).status));
    EXPECT_FALSE(killWorker(copy));
    EXPECT_TRUE(isAlive(readStatus(layout(id)).status)) << "the original goes on";
    std::filesystem::remove_all(copy.root);
    EXPECT_TRUE(killWorker(layout(id))); // while the lock is held: the fixture would take it for a copy's
}

} // namespace
} // namespace dskd::jobs
