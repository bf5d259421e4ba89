#include "core/jobs/worker_threads.h"

#include "core/base/regular_file.h"
#include "core/base/usable_threads.h"
#include "core/jobs/queue_runner.h"
#include "tests/support/environment.h"
#include "tests/support/job_fixture.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace dskd::jobs
{
namespace
{

using testing::HasSubstr;

// Their workers have a program name of their own, so that those of other tests do not count.
class SharedProcessors : public test::JobTest
{
protected:
    SharedProcessors() { std::filesystem::create_symlink(test::program("fake_worker"), m_worker); }

    [[nodiscard]] std::filesystem::path notes(const std::string& name) const
    {
        return folder / (name + ".environment");
    }
    // What OpenMP reads in a worker that is started for the run; it works until the test ends.
    std::string environmentOfWorker(const std::string& run, int workers = 1)
    {
        EXPECT_TRUE(launchWorker(layout(run), {m_worker, {{"FAKE_WORKER_ENVIRONMENT", notes(run).string()}}, workers}));
        waitFor(run, Status::Running);
        return readTextFile(notes(run)).value();
    }
    static std::string share(int workers)
    {
        return "OMP_NUM_THREADS=" + std::to_string(std::max(1, usableThreads() / workers)) + "\n";
    }

    const std::filesystem::path m_worker = folder / (folder.path().filename().string() + "_worker");
    test::EnvironmentVariable m_threads{"OMP_NUM_THREADS", std::nullopt};
};

constexpr const char* kAll = "OMP_NUM_THREADS=none\n"; // the worker takes what it may use

TEST_F(SharedProcessors, AreAllForAWorkerThatIsAloneAndDividedAmongSeveral)
{
    EXPECT_EQ(workersAtWork(m_worker), 0);
    EXPECT_THAT(environmentOfWorker(newRun("end=hang")), HasSubstr(kAll));
    EXPECT_EQ(workersAtWork(m_worker), 1);
    EXPECT_THAT(environmentOfWorker(newRun("end=hang")), HasSubstr(share(2)));
    EXPECT_EQ(workersAtWork(m_worker), 2);
    EXPECT_THAT(environmentOfWorker(newRun("end=hang")), HasSubstr(share(3)));
}

TEST_F(SharedProcessors, AreNotSharedWithAWorkerThatHasEndedAndIsStillThere)
{
    const std::string ended = newRun("lingers");
    ASSERT_TRUE(launchWorker(layout(ended), {m_worker, {}}));
    ASSERT_EQ(waitFor(ended, Status::Done).status, Status::Done);
    EXPECT_EQ(workersAtWork(m_worker), 0);
    EXPECT_THAT(environmentOfWorker(newRun("end=hang")), HasSubstr(kAll));
}

TEST_F(SharedProcessors, AreThoseOfTheCheckpointForARunThatIsResumed)
{
    const std::string resumed = newRun("end=hang");
    const CheckpointLayout checkpoint{layout(resumed).checkpoint(4)};
    std::filesystem::create_directories(checkpoint.root);
    std::ofstream(checkpoint.trainerState()) << R"({"version": 1, "step": 4, "tokens": 40, "threads": 7})";
    std::ofstream(checkpoint.done()).flush();
    EXPECT_THAT(environmentOfWorker(resumed, 4), HasSubstr("OMP_NUM_THREADS=7\n"));
}

TEST_F(SharedProcessors, AreSharedWithWorkersThatTheCallerIsYetToStart)
{
    EXPECT_THAT(environmentOfWorker(newRun("end=hang"), 4), HasSubstr(share(4)));
}

TEST_F(SharedProcessors, AreDividedByNobodyWhereAPersonHasDecided)
{
    config::Experiment decided = experiment("end=hang");
    decided.train.threads = 1;
    EXPECT_THAT(environmentOfWorker(createRun(workspace, decided).value(), 2), HasSubstr(kAll));
    m_threads.set("5");
    EXPECT_THAT(environmentOfWorker(newRun("end=hang"), 2), HasSubstr("OMP_NUM_THREADS=5\n"));
    EXPECT_EQ(threadsOf(RunLayout{folder / "none"}, experiment(), {}, 2), std::nullopt);
    m_threads.set(std::nullopt);
    EXPECT_EQ(threadsOf(RunLayout{folder / "none"}, experiment(), {{"OMP_NUM_THREADS", "3"}}, 2), std::nullopt);
    EXPECT_EQ(threadsOf(RunLayout{folder / "none"}, experiment(), {}, 1), std::nullopt);
    EXPECT_EQ(threadsOf(RunLayout{folder / "none"}, experiment(), {}, 1'000'000), 1) << "at least one";
}

TEST_F(SharedProcessors, AreDividedAmongTheRunsThatAQueueHasAtWorkAtOnce)
{
    class Silent : public QueueObserver
    {
        void onStarted(const std::string&, const Slot&, int) override {}
        void onProgress(const std::string&, const RunStatus&) override {}
        void onFinished(const std::string&, const RunStatus&) override {}
    } observer;
    QueueOptions options;
    options.slots.clear();
    for (const char* slot : {"a", "b", "c"}) {
        options.slots.push_back({slot, {{"FAKE_WORKER_ENVIRONMENT", notes(slot).string()}}});
    }
    options.launch = {m_worker, {}};
    options.poll = std::chrono::milliseconds(10);
    for (int run = 0; run < 2; ++run) {
        ASSERT_TRUE(workspace.enqueue(newRun("steps=200")));
    }
    ASSERT_TRUE(runQueue(folder / "w", options, observer));
    EXPECT_THAT(readTextFile(notes("a")).value(), HasSubstr(share(2))) << "the first one knows of the second";
    EXPECT_THAT(readTextFile(notes("b")).value(), HasSubstr(share(2)));
}

TEST_F(SharedProcessors, AreNotSpentOnSpinningThreads)
{
    const test::EnvironmentVariable noPolicy("OMP_WAIT_POLICY", std::nullopt);
    const test::EnvironmentVariable noCount("GOMP_SPINCOUNT", std::nullopt);
    EXPECT_THAT(environmentOfWorker(newRun("end=hang")), HasSubstr("GOMP_SPINCOUNT=3000\n"));
}

} // namespace
} // namespace dskd::jobs
