#include "core/base/process.h"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dskd
{
namespace
{

TEST(Process, KnowsItselfAsAlive)
{
    const ProcessIdentity me = thisProcess();
    EXPECT_EQ(me.pid, getpid());
    EXPECT_GT(me.startTicks, 0u);
    EXPECT_EQ(livenessOf(me), Liveness::Alive);
}

TEST(Process, IsGoneWhenItsPidBelongsToAnotherOne)
{
    ProcessIdentity earlier = thisProcess();
    earlier.startTicks -= 1;
    EXPECT_EQ(livenessOf(earlier), Liveness::Gone);
    ProcessIdentity beforeRestart = thisProcess();
    beforeRestart.bootId = "another boot";
    EXPECT_EQ(livenessOf(beforeRestart), Liveness::Gone);
    ProcessIdentity onAnotherHost = thisProcess();
    onAnotherHost.host = "elsewhere.example";
    EXPECT_EQ(livenessOf(onAnotherHost), Liveness::Elsewhere);
}

TEST(Process, CountsAZombieAsGone)
{
    const pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    const auto identity = identityOf(child);
    ASSERT_TRUE(identity);
    EXPECT_NE(livenessOf(*identity), Liveness::Gone);
    kill(child, SIGKILL);
    siginfo_t ended{};
    waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT); // dead, but not reaped
    EXPECT_EQ(livenessOf(*identity), Liveness::Gone);
    waitpid(child, nullptr, 0);
    EXPECT_EQ(livenessOf(*identity), Liveness::Gone);
    EXPECT_FALSE(identityOf(child));
}

} // namespace
} // namespace dskd
