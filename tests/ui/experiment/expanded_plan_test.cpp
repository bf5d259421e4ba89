#include "ui/experiment/expanded_plan.h"

#include <atomic>
#include <gmock/gmock.h>
#include <thread>

namespace dskd::ui
{
namespace
{

TEST(ExpandedPlan, IsWorkedOutOnceForAllThatAsk)
{
    std::atomic<int> times{0};
    config::Plan plan;
    plan.base.student.model = "/s";
    plan.base.teacher.model = "/t";
    plan.base.data.train = "/d.jsonl";
    plan.seeds = {1, 2, 3};
    const ExpandedPlan expanded(plan, [&](const config::Plan& asked) {
        ++times;
        return config::expand(asked);
    });
    EXPECT_EQ(times, 0) << "nobody has asked";
    const ExpandedPlan::Runs* seen[2] = {nullptr, nullptr};
    std::thread first([&] { seen[0] = &expanded.runs(); });
    std::thread second([&] { seen[1] = &expanded.runs(); });
    first.join();
    second.join();
    EXPECT_EQ(times, 1);
    EXPECT_EQ(seen[0], seen[1]);
    ASSERT_TRUE(expanded.runs());
    EXPECT_EQ(expanded.runs()->size(), 3u);
}

TEST(ExpandedPlan, KeepsWhyThereIsNone)
{
    config::Plan plan;
    plan.axes = {{"train.lr", {}}};
    const ExpandedPlan expanded(plan);
    EXPECT_THAT(expanded.runs().failure().what, testing::HasSubstr("train.lr has no values"));
}

} // namespace
} // namespace dskd::ui
