#include "core/jobs/step_probe.h"

#include "tests/support/environment.h"
#include "tests/support/job_fixture.h"

#include <filesystem>

namespace dskd::jobs
{
namespace
{

using testing::HasSubstr;

class Probe : public test::JobTest
{
protected:
    static ProbeOptions options()
    {
        ProbeOptions options;
        options.launch = fake();
        options.limit = std::chrono::seconds(30);
        return options;
    }
    // Whether nothing of a probe is left.
    [[nodiscard]] bool clean() const { return std::filesystem::is_empty(temporary.path()); }

    test::TemporaryFolder temporary;
    test::EnvironmentVariable there{"TMPDIR", temporary.path()};
};

TEST_F(Probe, MeasuresStepsAndLeavesNothing)
{
    const auto run = probeSteps(experiment("steps=100000 delay=20"), options());
    ASSERT_TRUE(run) << run.failure().text();
    EXPECT_TRUE(run->isProbe);
    EXPECT_GE(run->stepSeconds, 0.018) << "each step sleeps 20 ms";
    EXPECT_LT(run->stepSeconds, 1.0);
    EXPECT_GE(run->setupSeconds, 0.0);
    EXPECT_EQ(run->fields, costFields(experiment("steps=100000 delay=20"))) << "as it was given, not as it was shortened";
    EXPECT_TRUE(clean());
    EXPECT_TRUE(workspace.runs().empty());
}

TEST_F(Probe, SaysWhyAWorkerGaveUp)
{
    const auto run = probeSteps(experiment("steps=2 end=fail"), options());
    ASSERT_FALSE(run);
    EXPECT_THAT(run.failure().what, HasSubstr("The data file is gone."));
    EXPECT_TRUE(clean());
}

TEST_F(Probe, SaysThatThereWereTooFewSteps)
{
    const auto run = probeSteps(experiment("steps=3"), options());
    ASSERT_FALSE(run);
    EXPECT_THAT(run.failure().what, HasSubstr("too few steps"));
    ProbeOptions soon = options();
    soon.limit = std::chrono::milliseconds(300);
    EXPECT_FALSE(probeSteps(experiment("steps=100000 delay=2000"), soon));
    EXPECT_TRUE(clean()) << "the worker is gone too";
}

TEST_F(Probe, EndsWhenItIsCancelled)
{
    const std::atomic<bool> cancelled{true};
    ProbeOptions cancelledOptions = options();
    cancelledOptions.cancelled = &cancelled;
    EXPECT_THAT(probeSteps(experiment("steps=100000 delay=20"), cancelledOptions).failure().what,
                HasSubstr("cancelled"));
    EXPECT_TRUE(clean());
}

} // namespace
} // namespace dskd::jobs
