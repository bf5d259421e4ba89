#include "core/config/plan/ablation.h"

#include <gmock/gmock.h>

namespace dskd::config
{
namespace
{

using testing::ElementsAre;
using testing::SizeIs;

// Tables 1 and 2 of the paper: different spaces, the student's, both; KL, RKL, JS, SKL, SRKL, AKL.
TEST(Ablation, HasTheRowsAndColumnsOfThePaper)
{
    const auto axes = spacesAndDistances();
    ASSERT_THAT(axes, SizeIs(2));
    EXPECT_EQ(axes[0].field, "method.space");
    EXPECT_THAT(axes[0].values, ElementsAre("diff", "student", "dual"));
    EXPECT_EQ(axes[1].field, "method.distance");
    EXPECT_THAT(axes[1].values, ElementsAre("kl", "rkl", "js", "skl", "srkl", "akl"));
    EXPECT_THAT(ablationSeeds(10), ElementsAre(10u, 11u, 12u, 13u, 14u));
}

TEST(Ablation, IsNinetyRunsThatCanAllRun)
{
    Plan plan;
    plan.base.student.model = "/s";
    plan.base.teacher.model = "/t";
    plan.base.data.train = "/d.jsonl";
    plan.axes = spacesAndDistances();
    plan.seeds = ablationSeeds(10);
    EXPECT_THAT(expand(plan).value(), SizeIs(90));
}

} // namespace
} // namespace dskd::config
