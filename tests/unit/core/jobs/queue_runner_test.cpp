#include "core/jobs/queue_runner.h"

#include "core/jobs/queue_state.h"
#include "core/store/run_reader.h"
#include "tests/support/environment.h"
#include "tests/support/job_fixture.h"

#include <csignal>
#include <functional>
#include <future>

namespace dskd::jobs
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Recorder : public QueueObserver
{
public:
    void onStarted(const std::string& run, const Slot& slot, int) override
    {
        started.push_back(run);
        slots.push_back(slot.name);
    }
    void onProgress(const std::string&, const RunStatus&) override
    {
        ++progress;
        if (onRunning) {
            onRunning();
        }
        if (stop != nullptr) {
            *stop = true;
        }
    }
    void onFinished(const std::string& run, const RunStatus& status) override
    {
        finished.push_back(run + " " + std::string(name(status.status)));
    }

    std::vector<std::string> started;
    std::vector<std::string> slots;
    std::vector<std::string> finished;
    int progress = 0;
    std::atomic<bool>* stop = nullptr;
    std::function<void()> onRunning = {};
};

class Queue : public test::JobTest
{
protected:
    std::string queued(const std::string& orders)
    {
        const std::string run = newRun(orders);
        EXPECT_TRUE(workspace.enqueue(run));
        return run;
    }
    QueueOptions options(std::size_t slots = 1)
    {
        QueueOptions result;
        result.slots.clear();
        for (std::size_t slot = 0; slot < slots; ++slot) {
            result.slots.push_back({"slot" + std::string(1, static_cast<char>('0' + slot)), {}});
        }
        result.launch = fake();
        result.poll = std::chrono::milliseconds(10);
        return result;
    }
    Result<QueueSummary> work(const QueueOptions& with) { return runQueue(folder / "w", with, recorder); }

    Recorder recorder;
};

TEST_F(Queue, StartsTheRunsInOrderAndGoesOnAfterAFailure)
{
    const std::string a = queued("");
    const std::string b = queued("end=fail");
    const std::string c = queued("");
    const QueueSummary summary = work(options()).value();
    EXPECT_THAT(recorder.started, ElementsAre(a, b, c));
    EXPECT_THAT(recorder.finished, ElementsAre(a + " done", b + " failed", c + " done"));
    EXPECT_THAT(summary.finished, ElementsAre(a, c));
    EXPECT_THAT(summary.failed, ElementsAre(b));
    EXPECT_THAT(workspace.queue(), IsEmpty());
}

TEST_F(Queue, APausedOneStartsNothingAndEnds)
{
    const std::string run = queued("");
    setQueuePaused(workspace, true);
    ASSERT_TRUE(work(options()));
    EXPECT_THAT(recorder.started, IsEmpty());
    EXPECT_EQ(readStatus(workspace, run).status, Status::Queued);
    setQueuePaused(workspace, false);
    EXPECT_FALSE(queuePaused(workspace));
    EXPECT_THAT(work(options()).value().finished, ElementsAre(run));
}

TEST_F(Queue, APauseLeavesTheRunningRunAlone)
{
    const std::string running = queued("steps=60 delay=5");
    const std::string waiting = queued("");
    recorder.onRunning = [&] { setQueuePaused(workspace, true); };
    EXPECT_THAT(work(options()).value().finished, ElementsAre(running));
    EXPECT_EQ(readStatus(workspace, waiting).status, Status::Queued);
}

TEST_F(Queue, PausesAfterAFailureWhereThatIsWanted)
{
    EXPECT_TRUE(continuesAfterFailure(workspace)) << "from the beginning";
    setContinuesAfterFailure(workspace, false);
    const std::string a = queued("");
    const std::string b = queued("end=fail");
    const std::string c = queued("");
    const QueueSummary summary = work(options()).value();
    EXPECT_THAT(summary.finished, ElementsAre(a));
    EXPECT_THAT(summary.failed, ElementsAre(b));
    EXPECT_TRUE(queuePaused(workspace));
    EXPECT_EQ(readStatus(workspace, c).status, Status::Queued);
    setContinuesAfterFailure(workspace, true);
    setQueuePaused(workspace, false);
    EXPECT_THAT(work(options()).value().finished, ElementsAre(c));
}

TEST_F(Queue, FillsEverySlot)
{
    for (int i = 0; i < 3; ++i) {
        queued("steps=100 delay=5");
    }
    ASSERT_TRUE(work(options(2)));
    EXPECT_EQ(recorder.finished.size(), 3u);
    EXPECT_EQ(recorder.slots[0], "slot0");
    EXPECT_EQ(recorder.slots[1], "slot1");
    EXPECT_GT(recorder.progress, 0);
}

TEST_F(Queue, GoesOnWhenARunCannotBeStarted)
{
    const std::string broken = queued("");
    std::filesystem::remove(layout(broken).config());
    const std::string sound = queued("");
    const QueueSummary summary = work(options()).value();
    EXPECT_THAT(summary.failed, ElementsAre(broken));
    EXPECT_THAT(summary.finished, ElementsAre(sound));
}

TEST_F(Queue, LeavesWorkersRunningWhenItIsStoppedAndTheNextRunnerAdoptsThem)
{
    const std::string running = queued("steps=300 delay=10");
    const std::string waiting = queued("");
    std::atomic<bool> stop = false;
    recorder.stop = &stop;
    QueueOptions stoppable = options();
    stoppable.stop = &stop;
    ASSERT_TRUE(work(stoppable));
    EXPECT_THAT(recorder.finished, IsEmpty());
    EXPECT_TRUE(isAlive(readStatus(workspace, running).status));
    EXPECT_EQ(readStatus(workspace, waiting).status, Status::Queued);

    Recorder second;
    const QueueSummary summary = runQueue(folder / "w", options(), second).value();
    EXPECT_THAT(second.started, ElementsAre(waiting)) << "the running one was adopted, not started again";
    EXPECT_THAT(summary.finished, ElementsAre(running, waiting));
}

TEST_F(Queue, PutsBackARunThatWasTakenButNeverStarted)
{
    const std::string run = queued("");
    EXPECT_EQ(workspace.takeNext(), run); // as a runner that died right then
    EXPECT_THAT(work(options()).value().finished, ElementsAre(run));
}

TEST_F(Queue, ResumesARunWhoseWorkerWasKilledWhileNobodyLooked)
{
    const std::string killed = queued("steps=40 delay=10");
    const std::string later = queued("steps=40 delay=10");
    for (const std::string& run : {killed, later}) {
        EXPECT_EQ(workspace.takeNext(), run); // as a runner that died after it started them
        const int pid = launch(run);
        waitUntil(run, [](const RunStatus& status) { return status.step > 0; });
        ASSERT_EQ(kill(pid, SIGKILL), 0);
        ASSERT_EQ(waitForEnd(run).status, Status::Crashed);
    }
    const QueueSummary summary = work(options()).value();
    EXPECT_THAT(recorder.started, ElementsAre(killed, later)) << "in their order";
    EXPECT_THAT(summary.finished, ElementsAre(killed, later));
    EXPECT_THAT(summary.failed, IsEmpty());
}

TEST_F(Queue, ResumesARunThatWasStoppedWhileNobodyLooked)
{
    const std::string run = queued("steps=60 delay=10");
    EXPECT_EQ(workspace.takeNext(), run);
    launch(run);
    waitUntil(run, [](const RunStatus& status) { return status.step > 0; });
    ASSERT_TRUE(requestStop(layout(run)));
    ASSERT_EQ(waitForEnd(run).status, Status::Stopped);
    const std::int64_t checkpoint = readStatus(workspace, run).checkpoint.value();
    EXPECT_THAT(work(options()).value().finished, ElementsAre(run));
    const auto attempts = store::RunReader::open(layout(run)).value().attempts();
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(attempts[1].resumeStep, checkpoint);
}

TEST_F(Queue, DoesNotStartADoneRunAgain)
{
    const std::string run = queued("steps=3");
    ASSERT_THAT(work(options()).value().finished, ElementsAre(run));
    recorder.started.clear();
    ASSERT_TRUE(workspace.enqueue(run));
    EXPECT_THAT(work(options()).value().finished, ElementsAre(run));
    EXPECT_THAT(recorder.started, IsEmpty()) << "its results would be thrown away";
    EXPECT_FALSE(launchWorker(layout(run), options().launch));
}

TEST_F(Queue, ReportsARunThatFailedWhileNobodyLooked)
{
    const std::string run = queued("end=fail");
    EXPECT_EQ(workspace.takeNext(), run);
    launch(run);
    ASSERT_EQ(waitForEnd(run).status, Status::Failed);
    EXPECT_THAT(work(options()).value().failed, ElementsAre(run)) << "trying again would fail again";
    EXPECT_THAT(recorder.started, IsEmpty());
}

TEST_F(Queue, LetsOnlyOneRunnerWork)
{
    queued("steps=100000 delay=5");
    std::atomic<bool> stop = false;
    QueueOptions first = options();
    first.stop = &stop;
    Recorder firstRecorder;
    auto working = std::async(std::launch::async, [&] { return runQueue(folder / "w", first, firstRecorder); });
    while (workspace.queue().empty() || workspace.queue()[0].state != store::QueueState::Running) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const auto second = work(options());
    ASSERT_FALSE(second);
    EXPECT_THAT(second.failure().what, HasSubstr("Another queue runner"));
    stop = true;
    EXPECT_TRUE(working.get());
}

TEST_F(Queue, HasASlotPerVisibleDevice)
{
    test::EnvironmentVariable devices("CUDA_VISIBLE_DEVICES", "2,5");
    const auto two = localSlots();
    ASSERT_EQ(two.size(), 2u);
    EXPECT_EQ(two[1].name, "cuda:1");
    EXPECT_EQ(two[1].environment.at("CUDA_VISIBLE_DEVICES"), "5");
    devices.set("");
    ASSERT_EQ(localSlots().size(), 1u);
    EXPECT_EQ(localSlots()[0].name, "cpu");
}

} // namespace
} // namespace dskd::jobs
