#include "core/jobs/status.h"

#include "core/base/atomic_file.h"
#include "core/base/last_words.h"
#include "core/jobs/evidence.h"
#include "core/jobs/worker_probe.h"
#include "core/store/database.h"
#include "core/store/run_writer.h"
#include "tests/support/job_fixture.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>

namespace dskd::jobs
{
namespace
{

using testing::HasSubstr;

class TrueStatus : public test::JobTest
{
protected:
    RunStatus ended(const std::string& orders)
    {
        const std::string run = newRun(orders);
        launch(run);
        return waitForEnd(run);
    }
};

TEST_F(TrueStatus, IsCreatedThenQueuedThenDone)
{
    const std::string run = newRun("steps=4");
    EXPECT_EQ(readStatus(workspace, run).status, Status::Created);
    ASSERT_TRUE(workspace.enqueue(run));
    EXPECT_EQ(readStatus(workspace, run).status, Status::Queued);
    EXPECT_EQ(readStatus(workspace, run).sentence, "Queued #1.");
    workspace.dequeue(run);
    launch(run);
    const RunStatus done = waitForEnd(run);
    EXPECT_EQ(done.status, Status::Done);
    EXPECT_EQ(done.sentence, "Done: step 4 of 4.");
    EXPECT_EQ(done.failure.has_value(), false);
    EXPECT_FALSE(done.resumable);
}

TEST_F(TrueStatus, ExplainsAFailureInTheWorkersWords)
{
    const RunStatus status = ended("end=fail");
    EXPECT_EQ(status.status, Status::Failed);
    ASSERT_TRUE(status.failure);
    EXPECT_EQ(status.failure->what, "The data file is gone.");
    EXPECT_EQ(status.failure->hint, "Bring it back.");
    EXPECT_THAT(status.failure->details, HasSubstr("fake worker starts"));
    EXPECT_TRUE(status.resumable);
}

TEST_F(TrueStatus, TakesFromTheLogWhatTheWorkerCouldNotWriteIntoRunDb)
{
    const auto worker = folder / "worker-that-is-refused";
    std::ofstream(worker) << "#!/bin/sh\necho 'some chatter' >&2\necho '" << lastWordsBegin(ExitCode::BadModel)
                          << "Another worker is at work in x. dskd stop ends it.' >&2\necho '"
                          << lastWordsBegin(ExitCode::Failed)
                          << "run.db cannot be used: database is locked.' >&2\nexit 1\n";
    std::filesystem::permissions(worker, std::filesystem::perms::owner_all);
    const std::string run = newRun("");
    ASSERT_TRUE(launchWorker(layout(run), {worker, {}}));
    const RunStatus status = waitForEnd(run);
    EXPECT_EQ(status.status, Status::Failed);
    EXPECT_EQ(status.sentence, "Another worker is at work in x. dskd stop ends it.") << "the first word is the cause";
    ASSERT_TRUE(status.failure);
    EXPECT_EQ(status.failure->code, ExitCode::BadModel);
}

TEST_F(TrueStatus, TellsOutOfMemoryFromOtherFailures)
{
    const RunStatus reported = ended("end=memory");
    EXPECT_EQ(reported.status, Status::OutOfMemory);
    EXPECT_THAT(reported.failure->hint, HasSubstr("train.batch_size"));
    EXPECT_EQ(ended("end=badalloc").status, Status::OutOfMemory) << "the log tells, though the worker could not";
}

TEST_F(TrueStatus, NamesALibraryThatTheWorkerLacks)
{
    const auto worker = folder / "worker-without-libtorch";
    std::ofstream(worker) << "#!/bin/sh\necho \"$0: error while loading shared libraries: libtorch_cpu.so: cannot open "
                             "shared object file: No such file or directory\" >&2\nexit 127\n";
    std::filesystem::permissions(worker, std::filesystem::perms::owner_all);
    const std::string run = newRun("");
    ASSERT_TRUE(launchWorker(layout(run), {worker, {}}));
    const RunStatus status = waitForEnd(run);
    EXPECT_EQ(status.status, Status::Failed);
    EXPECT_THAT(status.sentence, HasSubstr("libtorch_cpu.so"));
    EXPECT_THAT(status.failure->hint, HasSubstr("dskd-setup"));

    const auto answer = askWorker(worker);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.failure().hint, HasSubstr("dskd-setup"));
}

TEST_F(TrueStatus, CallsAWorkerThatVanishedCrashed)
{
    EXPECT_EQ(ended("end=abort").status, Status::Crashed);
    EXPECT_EQ(ended("end=silent").status, Status::Crashed);

    const std::string run = newRun("steps=100000");
    const int pid = launch(run);
    waitUntil(run, [](const RunStatus& status) { return status.step >= 3; });
    kill(pid, SIGKILL);
    const RunStatus killed = waitForEnd(run);
    EXPECT_EQ(killed.status, Status::Crashed);
    EXPECT_THAT(killed.sentence, HasSubstr("SIGKILL"));
    EXPECT_THAT(killed.sentence, HasSubstr("of 100000"));
    EXPECT_THAT(killed.failure->hint, HasSubstr("no checkpoint yet"));
    EXPECT_TRUE(killed.resumable);
}

TEST_F(TrueStatus, IsNotBehindItsCheckpoint)
{
    const std::string run = newRun("steps=100000");
    const int pid = launch(run);
    waitUntil(run, [](const RunStatus& status) { return status.step >= 3; });
    kill(pid, SIGKILL);
    const RunStatus killed = waitForEnd(run);
    const std::int64_t saved = killed.step + 1; // written after the last sign of life
    const CheckpointLayout checkpoint{workspace.layout().run(run).checkpoint(saved)};
    std::filesystem::create_directories(checkpoint.root);
    EXPECT_EQ(readStatus(workspace, run).step, killed.step) << "not finished";
    std::ofstream(checkpoint.done()) << "{}";
    EXPECT_EQ(readStatus(workspace, run).step, saved);
}

TEST_F(TrueStatus, CallsASuspendedWorkerStalledAndRunningAgainAfterwards)
{
    const std::string run = newRun("steps=100000");
    const int pid = launch(run);
    waitFor(run, Status::Running);
    kill(pid, SIGSTOP);
    const RunStatus stalled = waitFor(run, Status::Stalled);
    EXPECT_EQ(stalled.status, Status::Stalled) << stalled.sentence;
    EXPECT_THAT(stalled.sentence, HasSubstr("SIGSTOP"));
    kill(pid, SIGCONT);
    EXPECT_EQ(waitFor(run, Status::Running).status, Status::Running);
}

TEST_F(TrueStatus, CallsASilentWorkerStalledAndNotCrashed)
{
    const std::string run = newRun("steps=1 end=hang");
    launch(run);
    waitFor(run, Status::Running);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    const RunStatus status = readStatus(layout(run), StatusRules{0.02});
    EXPECT_EQ(status.status, Status::Stalled);
    EXPECT_THAT(status.sentence, HasSubstr("the process is there"));
    EXPECT_EQ(readStatus(layout(run)).status, Status::Running) << "with the usual patience";
}

TEST_F(TrueStatus, SaysThatAStalledRunWaitsForRoomOnItsDisk)
{
    const std::string run = newRun("steps=1 end=hang");
    launch(run);
    waitFor(run, Status::Running);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    constexpr auto kAnyDisk = std::numeric_limits<std::uintmax_t>::max(); // has less room than that
    const RunStatus status = readStatus(layout(run), StatusRules{0.02, kAnyDisk});
    EXPECT_EQ(status.status, Status::Stalled);
    EXPECT_THAT(status.sentence, testing::AllOf(HasSubstr("is full"), HasSubstr("goes on when there is room")));
    EXPECT_THAT(readStatus(layout(run), StatusRules{0.02, 0}).sentence, HasSubstr("no sign of life"));
    EXPECT_EQ(readStatus(layout(run), StatusRules{3600, kAnyDisk}).status, Status::Running);
}

TEST_F(TrueStatus, IsNotFooledByAnotherProcessWithTheSamePid)
{
    const std::string run = newRun("");
    ProcessIdentity reused = thisProcess();
    reused.startTicks += 1;
    ASSERT_TRUE(writeLaunch(layout(run), {reused, unixTime()}));
    const RunStatus status = readStatus(layout(run));
    EXPECT_EQ(status.status, Status::Crashed);
    EXPECT_THAT(status.sentence, HasSubstr("before it could report"));
}

TEST_F(TrueStatus, KnowsARestartOfTheMachineAndAnotherHost)
{
    const std::string run = newRun("");
    ProcessIdentity process = thisProcess();
    process.bootId = "earlier";
    ASSERT_TRUE(writeLaunch(layout(run), {process, unixTime()}));
    EXPECT_THAT(readStatus(layout(run)).sentence, HasSubstr("machine was restarted"));
    process.host = "node7.example";
    ASSERT_TRUE(writeLaunch(layout(run), {process, unixTime()}));
    EXPECT_EQ(readStatus(layout(run)).status, Status::Starting);
    EXPECT_THAT(requestStop(layout(run)).failure().what, HasSubstr("node7.example"));
    EXPECT_THAT(launchWorker(layout(run), fake()).failure().what, HasSubstr("already running"));
    ASSERT_TRUE(writeLaunch(layout(run), {process, unixTime() - 3600}));
    EXPECT_THAT(readStatus(layout(run)).sentence, HasSubstr("from node7.example"));
}

TEST_F(TrueStatus, SaysThatTheDatabaseIsDamaged)
{
    const std::string run = newRun("");
    ASSERT_TRUE(writeFileAtomically(layout(run).database(), std::string(5000, 'x')));
    const RunStatus status = readStatus(layout(run));
    EXPECT_EQ(status.status, Status::Failed);
    EXPECT_THAT(status.sentence, HasSubstr("not a database"));
}

TEST_F(TrueStatus, SaysThatTheDatabaseOfARunThatWasWorkedOnIsGone)
{
    const std::string run = newRun("steps=4");
    launch(run);
    ASSERT_EQ(waitForEnd(run).status, Status::Done);
    std::filesystem::remove(layout(run).database());
    const RunStatus status = waitForEnd(run); // the process is there for a moment after its last word
    EXPECT_EQ(status.status, Status::Failed);
    EXPECT_THAT(status.sentence, testing::AllOf(HasSubstr("run.db"), HasSubstr("is gone")));
    EXPECT_THAT(status.failure->hint, HasSubstr("checkpoint of step 4"));
    EXPECT_EQ(status.step, 4);

    const std::string unsaved = newRun("");
    ASSERT_TRUE(writeFileAtomically(layout(unsaved).inputs(), "{}"));
    EXPECT_THAT(readStatus(layout(unsaved)).sentence, HasSubstr("is gone"));
    EXPECT_EQ(readStatus(layout(newRun(""))).status, Status::Created) << "nobody has worked on it";
}

TEST_F(TrueStatus, HasTheCheckpointOfARunWhoseDatabaseIsDamaged)
{
    const std::string run = newRun("steps=4");
    launch(run);
    ASSERT_EQ(waitForEnd(run).status, Status::Done);
    ASSERT_TRUE(writeFileAtomically(layout(run).database(), std::string(5000, 'x')));
    EXPECT_EQ(readStatus(layout(run)).checkpoint, 4);
}

TEST_F(TrueStatus, GivesTheLastLinesOfALongLog)
{
    const std::string run = newRun("");
    std::string log;
    for (int line = 1; line <= 1000; ++line) {
        log.append("line ").append(std::to_string(line)).append("\n");
    }
    ASSERT_TRUE(writeFileAtomically(layout(run).log(), log));
    EXPECT_THAT(logTail(layout(run)), testing::StartsWith("line 981\n"));
    EXPECT_THAT(logTail(layout(run)), testing::EndsWith("line 1000"));
    ASSERT_TRUE(writeFileAtomically(layout(run).log(), "only\n"));
    EXPECT_EQ(logTail(layout(run)), "only");
    EXPECT_EQ(logTail(RunLayout{folder / "nothing"}), "");
}

} // namespace
} // namespace dskd::jobs
