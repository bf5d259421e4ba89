#include "core/base/regular_file.h"
#include "core/store/run_reader.h"
#include "tests/support/environment.h"
#include "tests/support/job_fixture.h"
#include "tests/support/paths.h"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <thread>
#include <unistd.h>

namespace dskd::jobs
{
namespace
{

using testing::HasSubstr;
using testing::Not;

class Launch : public test::JobTest
{
};

std::string parentOf(int pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("PPid:")) {
            return line.substr(6);
        }
    }
    return {};
}

TEST_F(Launch, DetachesTheWorkerFromUs)
{
    const int leak = open("/dev/zero", O_RDONLY); // not close-on-exec: the worker must not get it all the same
    const std::string run = newRun("steps=2 end=hang descriptors");
    const int pid = launch(run);
    EXPECT_EQ(waitFor(run, Status::Running).pid, pid);
    EXPECT_NE(parentOf(pid), std::to_string(getpid()));
    EXPECT_NE(getsid(pid), getsid(0));
    EXPECT_NE(getsid(pid), pid) << "a session leader could get a controlling terminal";
    close(leak);
    const std::string log = readTextFile(layout(run).log()).value();
    EXPECT_THAT(log, HasSubstr("fake worker starts"));
    EXPECT_THAT(log, HasSubstr("fd 0 /dev/null"));
    EXPECT_THAT(log, HasSubstr("fd 2 " + layout(run).log().string()));
    EXPECT_THAT(log, Not(HasSubstr("/dev/zero")));
    EXPECT_THAT(log, Not(HasSubstr("workspace.db")));
}

TEST_F(Launch, AStopRightAfterTheLaunchWaitsUntilTheWorkerCanHearIt)
{
    const std::string run = newRun("steps=1000 delay=10");
    ASSERT_TRUE(launchWorker(layout(run), {test::program("fake_worker"), {{"FAKE_WORKER_LOADS_MS", "300"}}}));
    ASSERT_TRUE(requestCheckpoint(layout(run)));
    ASSERT_TRUE(requestStop(layout(run)));
    EXPECT_EQ(waitForEnd(run).status, Status::Stopped);
}

TEST_F(Launch, RefusesASecondWorkerForTheSameRun)
{
    const std::string run = newRun("end=hang");
    launch(run);
    const auto second = launchWorker(layout(run), fake());
    ASSERT_FALSE(second);
    EXPECT_THAT(second.failure().what, HasSubstr("already running"));
}

TEST_F(Launch, SaysWhyAWorkerCannotBeStarted)
{
    const std::string run = newRun("");
    const auto missing = launchWorker(layout(run), {folder / "no-such-program", {}});
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.failure().what, HasSubstr("no-such-program cannot be started: No such file"));
    EXPECT_EQ(readStatus(layout(run)).status, Status::Created);
    EXPECT_THAT(launchWorker(RunLayout{folder / "nothing"}, fake()).failure().what, HasSubstr("not a run folder"));
}

TEST_F(Launch, PassesTheEnvironment)
{
    test::EnvironmentVariable worker("DSKD_WORKER", test::program("fake_worker"));
    EXPECT_EQ(findWorker().value(), test::program("fake_worker"));
    worker.set("/no/such/program");
    EXPECT_THAT(findWorker().failure().what, HasSubstr("/no/such/program"));

    const std::string run = newRun("end=hang");
    const int pid = launchWorker(layout(run), {test::program("fake_worker"), {{"CUDA_VISIBLE_DEVICES", "7"}}}).value();
    waitFor(run, Status::Running);
    std::ifstream file("/proc/" + std::to_string(pid) + "/environ");
    const std::string variables((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    EXPECT_THAT(variables, HasSubstr("CUDA_VISIBLE_DEVICES=7"));
    EXPECT_THAT(variables, HasSubstr("PATH="));
}

TEST_F(Launch, StopsWithACheckpointAndResumesFromIt)
{
    const std::string run = newRun("steps=100000 delay=2");
    launch(run);
    waitUntil(run, [](const RunStatus& status) { return status.step >= 5; });
    ASSERT_TRUE(requestStop(layout(run)));
    const RunStatus stopped = waitForEnd(run);
    EXPECT_EQ(stopped.status, Status::Stopped) << stopped.sentence;
    ASSERT_TRUE(stopped.checkpoint);
    EXPECT_GE(*stopped.checkpoint, 5);
    EXPECT_TRUE(stopped.resumable);

    launch(run);
    waitUntil(run, [&](const RunStatus& status) { return status.step > *stopped.checkpoint + 3; });
    ASSERT_TRUE(requestStop(layout(run)));
    waitForEnd(run);
    const auto loss = store::RunReader::open(layout(run)).value().series("loss");
    for (std::size_t i = 0; i < loss.size(); ++i) {
        ASSERT_EQ(loss[i].step, static_cast<std::int64_t>(i) + 1) << "each step once, without a gap";
    }
    EXPECT_GT(loss.size(), static_cast<std::size_t>(*stopped.checkpoint));
}

TEST_F(Launch, AsksForACheckpointWithoutStopping)
{
    const std::string run = newRun("steps=100000 delay=2");
    launch(run);
    waitFor(run, Status::Running);
    ASSERT_TRUE(requestCheckpoint(layout(run)));
    const RunStatus status = waitUntil(run, [](const RunStatus& s) { return s.checkpoint.has_value(); });
    EXPECT_TRUE(status.checkpoint);
    EXPECT_EQ(status.status, Status::Running);
}

TEST_F(Launch, SignalsOnlyALivingWorker)
{
    const std::string run = newRun("");
    EXPECT_THAT(requestStop(layout(run)).failure().what, HasSubstr("No worker is running"));
    launch(run);
    waitForEnd(run);
    // the end is in run.db a little before the process is gone
    bool signalled = true;
    for (int tries = 0; signalled && tries < 250; ++tries) {
        signalled = killWorker(layout(run)).ok();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_FALSE(signalled);
}

} // namespace
} // namespace dskd::jobs
