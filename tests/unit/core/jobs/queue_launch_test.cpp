#include "core/jobs/queue_launch.h"

#include "core/base/regular_file.h"
#include "tests/support/environment.h"
#include "tests/support/job_fixture.h"
#include "tests/support/paths.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace dskd::jobs
{
namespace
{

using testing::HasSubstr;

class QueueLaunch : public test::JobTest
{
protected:
    [[nodiscard]] std::filesystem::path root() const { return workspace.layout().root; }
    static void waitUntilGone(int pid)
    {
        for (int i = 0; i < 3000 && identityOf(pid) && livenessOf(*identityOf(pid)) != Liveness::Gone; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    test::EnvironmentVariable dskd{"DSKD", test::program("dskd")};
    test::EnvironmentVariable worker{"DSKD_WORKER", test::program("fake_worker")};
};

TEST_F(QueueLaunch, WorksTheQueueDownInAProcessOfItsOwn)
{
    const std::string run = newRun("steps=2");
    ASSERT_TRUE(workspace.enqueue(run));
    const int pid = launchQueueRunner(root()).value();
    ASSERT_GT(pid, 0);
    EXPECT_NE(getsid(pid), getsid(0));
    EXPECT_EQ(waitFor(run, Status::Done).status, Status::Done);
    waitUntilGone(pid);
    EXPECT_TRUE(workspace.queue().empty());
    EXPECT_THAT(readTextFile(root() / "queue.log").value(), HasSubstr("1 finished"));
}

TEST_F(QueueLaunch, IsQuietWhenARunnerWorksAlready)
{
    const int lock = open((root() / "queue.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    ASSERT_EQ(flock(lock, LOCK_EX | LOCK_NB), 0);
    EXPECT_EQ(launchQueueRunner(root()).value(), 0);
    close(lock);
    EXPECT_FALSE(std::filesystem::exists(root() / "queue.log"));
}

TEST_F(QueueLaunch, SaysWhichProgramIsMissing)
{
    dskd.set("/nowhere/dskd");
    EXPECT_THAT(launchQueueRunner(root()).failure().what, HasSubstr("/nowhere/dskd"));
}

} // namespace
} // namespace dskd::jobs
