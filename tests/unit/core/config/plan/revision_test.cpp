#include "core/config/plan/revision.h"

#include <gtest/gtest.h>
#include <utility>

namespace dskd::config
{
namespace
{

Plan sample()
{
    Plan plan;
    plan.base.student.model = "/s";
    plan.base.teacher.model = "/t";
    plan.base.data.train = "/d.jsonl";
    plan.axes = {{"train.lr", {"0.1", "0.2"}}, {"method.space", {"diff", "dual"}}};
    plan.excluded = {{{"train.lr", "0.1"}, {"method.space", "diff"}}, {{"train.lr", "0.2"}, {"method.space", "dual"}}};
    plan.seeds = {1, 2};
    return plan;
}

TEST(Revision, IsNoneWhereNothingChanges)
{
    EXPECT_FALSE(revisionAfter(sample(), sample()));
    Plan other = sample();
    other.base.name = "a file";
    other.base.group = "g";
    other.base.train.lr = 0.7; // an axis puts its values in the place of it
    other.base.seed = 99;      // and the list its seeds
    std::swap(other.excluded[0], other.excluded[1]);
    EXPECT_FALSE(revisionAfter(sample(), other));
}

TEST(Revision, KeepsWhatIsOfNoAccountAsItWas)
{
    Plan other = sample();
    other.base.name = "a file";
    other.base.train.lr = 0.7;
    other.base.seed = 99;
    other.base.train.batchSize = 3;
    const auto revised = revisionAfter(sample(), other);
    ASSERT_TRUE(revised);
    EXPECT_EQ(revised->base.train.batchSize, 3);
    EXPECT_EQ(revised->base.name, sample().base.name);
    EXPECT_EQ(revised->base.train.lr, sample().base.train.lr);
    EXPECT_EQ(revised->base.seed, sample().base.seed);
}

TEST(Revision, IsNoneForAListOfTheOwnSeedAlone)
{
    Plan plan = sample();
    plan.base.seed = 10;
    plan.seeds = {};
    Plan other = plan;
    other.seeds = {10};
    EXPECT_FALSE(revisionAfter(plan, other));
    other.base.train.batchSize += 1;
    const auto revised = revisionAfter(plan, other);
    ASSERT_TRUE(revised);
    EXPECT_TRUE(revised->seeds.empty());
    other = plan;
    other.seeds = {11};
    EXPECT_TRUE(revisionAfter(plan, other));
    other.seeds = {10, 11};
    EXPECT_TRUE(revisionAfter(plan, other));
    other.seeds = {10};
    EXPECT_TRUE(revisionAfter(other, plan)) << "without the list the seed can be set";
    plan.fixed = {{"seed", "7"}};
    other.fixed = plan.fixed;
    EXPECT_TRUE(revisionAfter(plan, other)) << "the runs had the seed 7";
}

TEST(Revision, IsMadeByWhatEndsOrHasNoEffectYet)
{
    Plan other = sample();
    other.axes.erase(other.axes.begin());
    other.excluded.clear();
    other.base.train.lr = 0.7;
    auto revised = revisionAfter(sample(), other);
    ASSERT_TRUE(revised);
    EXPECT_EQ(revised->base.train.lr, 0.7) << "varied no more";
    other = sample();
    other.excluded.clear();
    EXPECT_TRUE(revisionAfter(sample(), other));
    other = sample();
    other.seeds = {1};
    EXPECT_TRUE(revisionAfter(sample(), other));
    other = sample();
    other.base.onPolicy.maxNewTokens += 1; // of no use without on-policy training, which a later revision may have
    EXPECT_TRUE(revisionAfter(sample(), other));
}

TEST(Revision, IsNoneForTheSameFixedValuesInAnotherOrder)
{
    Plan plan = sample();
    plan.axes = {{"method", {"dskd", "gkd"}}};
    plan.excluded.clear();
    plan.fixed = {{"method.temperature", "4"}, {"train.lr", "0.5"}};
    Plan other = plan;
    std::swap(other.fixed[0], other.fixed[1]);
    EXPECT_FALSE(revisionAfter(plan, other));
    other.fixed[0].second = "0.25";
    EXPECT_TRUE(revisionAfter(plan, other));
}

} // namespace
} // namespace dskd::config
