#include "core/jobs/spawn.h"

#include "tests/support/environment.h"

#include <gmock/gmock.h>
#include <optional>
#include <sys/wait.h>

namespace dskd::jobs
{
namespace
{

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(EnvironmentFor, HasOursWithWhatIsChanged)
{
    const test::EnvironmentVariable kept("DSKD_SPAWN_KEPT", "here");
    const test::EnvironmentVariable replaced("DSKD_SPAWN_REPLACED", "before");
    const auto variables = environmentFor({{"DSKD_SPAWN_REPLACED", "after"}, {"DSKD_SPAWN_ADDED", "new"}});
    EXPECT_THAT(variables, Contains("DSKD_SPAWN_KEPT=here").Times(1));
    EXPECT_THAT(variables, Contains(StartsWith("DSKD_SPAWN_REPLACED=")).Times(1));
    EXPECT_THAT(variables, Contains("DSKD_SPAWN_REPLACED=after"));
    EXPECT_THAT(variables, Contains("DSKD_SPAWN_ADDED=new"));
}

TEST(EnvironmentFor, LimitsHowLongThreadsSpinWhereNobodyDecidedIt)
{
    const test::EnvironmentVariable noPolicy("OMP_WAIT_POLICY", std::nullopt);
    {
        const test::EnvironmentVariable noCount("GOMP_SPINCOUNT", std::nullopt);
        EXPECT_THAT(environmentFor(), Contains("GOMP_SPINCOUNT=3000"));
        EXPECT_THAT(environmentFor({{"GOMP_SPINCOUNT", "5"}}), Not(Contains("GOMP_SPINCOUNT=3000")));
        const test::EnvironmentVariable policy("OMP_WAIT_POLICY", "active");
        EXPECT_THAT(environmentFor(), Not(Contains(StartsWith("GOMP_SPINCOUNT="))));
    }
    const test::EnvironmentVariable count("GOMP_SPINCOUNT", "7");
    EXPECT_THAT(environmentFor(), Contains(StartsWith("GOMP_SPINCOUNT=")).Times(1));
    EXPECT_THAT(environmentFor(), Contains("GOMP_SPINCOUNT=7"));
}

TEST(RequireLoaded, RefusesTheExitCodeOfTheDynamicLoaderAlone)
{
    EXPECT_TRUE(requireLoaded("dskd-worker", W_EXITCODE(0, 0)));
    EXPECT_TRUE(requireLoaded("dskd-worker", W_EXITCODE(1, 0)));
    EXPECT_TRUE(requireLoaded("dskd-worker", W_EXITCODE(0, 9))) << "killed by a signal";
    const Result<void> missing = requireLoaded("dskd-worker", W_EXITCODE(kNotLoaded, 0));
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.failure().what, HasSubstr("dskd-worker cannot be loaded"));
    EXPECT_THAT(missing.failure().hint, HasSubstr("dskd-setup"));
}

} // namespace
} // namespace dskd::jobs
