#include "core/jobs/queue_launch.h"

#include "tests/support/job_fixture.h"
#include "tests/support/paths.h"

#include <cstdlib>
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
    QueueLaunch()
    {
        setenv("DSKD", test::program("dskd").c_str(), 1);
        setenv("DSKD_WORKER", test::program("fake_worker").c_str(), 1);
    }
    ~QueueLaunch() override
    {
        unsetenv("DSKD");
        unsetenv("DSKD_WORKER");
    }
    [[nodiscard]] std::filesystem::path root() const { return workspace.layout().root; }
    static void waitUntilGone(int pid)
    {
        for (int i = 0; i < 3000 && identityOf(pid) && livenessOf(*identityOf(pid)) != Liveness::Gone; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
};

TEST_F(QueueLaunch, WorksTheQueueDownInAProcessOfItsOwn)
{
    const std::string run = newRun("steps=2");
    ASSERT_TRUE(workspace.enqueue(run));
    const int pid = launchQueueRunner(root()).value();
    ASSERT_GT(pid, 0);
    EXPECT_EQ(getsid(pid) == getsid(0), false);
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
    setenv("DSKD", "/nowhere/dskd", 1);
    EXPECT_THAT(launchQueueRunner(root()).failure().what, HasSubstr("/nowhere/dskd"));
}

} // namespace
} // namespace dskd::jobs
