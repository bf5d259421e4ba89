#include "core/jobs/worker_probe.h"

#include <gmock/gmock.h>
#include <thread>

namespace dskd::jobs
{
namespace
{

using namespace std::chrono_literals;
using testing::HasSubstr;

Result<std::string> shell(const std::string& script, std::chrono::milliseconds limit = 30s,
                          const std::atomic<bool>* cancelled = nullptr)
{
    return outputOf("/bin/sh", {"-c", script}, limit, cancelled);
}

TEST(OutputOf, IsWhatTheProgramPrints)
{
    EXPECT_EQ(shell("echo one; echo two >&2; echo three").value(), "one\nthree\n");
}

TEST(OutputOf, FailsWithTheCodeOrTheSignalThatEndedTheProgram)
{
    EXPECT_THAT(shell("echo why; exit 7").failure().text(), HasSubstr("ended with code 7. Its output: why"));
    EXPECT_THAT(shell("kill -9 $$").failure().what, HasSubstr("was killed by signal 9"));
    EXPECT_THAT(outputOf("/no/such/program", {}, 1s).failure().what, HasSubstr("Cannot start /no/such/program"));
}

TEST(OutputOf, KillsAProgramThatTakesTooLong)
{
    EXPECT_THAT(shell("exec sleep 60", 50ms).failure().what, HasSubstr("did not answer"));
}

TEST(OutputOf, KillsTheProgramWhenAnotherThreadCancels)
{
    std::atomic<bool> cancelled{false};
    std::thread other([&] {
        std::this_thread::sleep_for(20ms);
        cancelled = true;
    });
    const auto begin = std::chrono::steady_clock::now();
    const auto output = shell("exec sleep 60", 60s, &cancelled);
    other.join();
    ASSERT_FALSE(output);
    EXPECT_THAT(output.failure().what, HasSubstr("was cancelled"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
}

} // namespace
} // namespace dskd::jobs
