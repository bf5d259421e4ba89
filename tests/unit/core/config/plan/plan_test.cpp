#include "core/config/plan/plan.h"

#include "core/config/schema/experiment_json.h"

#include <gmock/gmock.h>

namespace dskd::config
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

Plan ablation()
{
    Plan plan;
    plan.base.student.model = "/s";
    plan.base.teacher.model = "/t";
    plan.base.data.train = "/d.jsonl";
    plan.axes = {{"method.space", {"diff", "student", "dual"}}, {"method.distance", {"kl", "rkl"}}};
    plan.seeds = {10, 20, 30};
    return plan;
}

std::vector<std::string> namesOf(const Plan& plan)
{
    std::vector<std::string> names;
    const std::vector<PlannedRun> runs = expand(plan).value();
    for (const PlannedRun& run : runs) {
        names.push_back(valuesText(run) + " " + std::to_string(run.experiment.seed));
    }
    return names;
}

TEST(Plan, IsEveryCombinationTimesSeeds)
{
    const auto runs = expand(ablation()).value();
    ASSERT_THAT(runs, SizeIs(18));
    EXPECT_EQ(runs[5].experiment.seed, 30u);
    EXPECT_EQ(runs[5].experiment.method.distance, Distance::Rkl);
    EXPECT_EQ(valuesText(runs[5]), "space=diff distance=rkl");
}

TEST(Plan, LeavesOutWhatIsExcluded)
{
    Plan plan = ablation();
    plan.seeds = {1};
    plan.excluded = {{{"method.space", "diff"}, {"method.distance", "rkl"}}, {{"method.space", "student"}}};
    EXPECT_THAT(namesOf(plan),
                ElementsAre("space=diff distance=kl 1", "space=dual distance=kl 1", "space=dual distance=rkl 1"));
    plan.excluded = {{{"method.space", "nowhere"}}};
    EXPECT_THAT(expand(plan).failure().what, HasSubstr("\"method.space=nowhere\" fits no combination"));
    plan.excluded = {{{"method.distance", "kl"}}, {{"method.distance", "rkl"}}};
    EXPECT_THAT(expand(plan).failure().what, HasSubstr("Every combination is excluded"));
}

TEST(Plan, WithoutAxesIsItsConfiguration)
{
    Plan plan = ablation();
    plan.axes.clear();
    plan.seeds.clear();
    plan.base.seed = 7;
    EXPECT_THAT(namesOf(plan), ElementsAre(" 7"));
    plan.base.teacher.model.clear();
    EXPECT_EQ(expand(plan).failure().kind, FailureKind::Usage);
}

TEST(Plan, AnAxisNeedsValues)
{
    Plan plan = ablation();
    plan.axes[0].values.clear();
    EXPECT_THAT(expand(plan).failure().what, HasSubstr("method.space has no values"));
}

TEST(Plan, OfAFileIsThePlanThatWasWritten)
{
    Plan plan = ablation();
    plan.base.method.temperature = 4.0;
    plan.axes.push_back({"method", {"dskd", "gkd"}});
    plan.fixed = {{"method.top_k", "5"}};
    plan.excluded = {{{"method.space", "diff"}, {"method.distance", "rkl"}}};
    const Plan again = parsePlan(toText(plan), "/base").value();
    EXPECT_EQ(again.axes, plan.axes);
    EXPECT_EQ(again.fixed, plan.fixed);
    EXPECT_EQ(again.excluded, plan.excluded);
    EXPECT_EQ(again.seeds, plan.seeds);
    EXPECT_EQ(toText(again), toText(plan));
    EXPECT_TRUE(changes(again, plan).empty());
}

TEST(Plan, OfAnotherFormIsRefused)
{
    const auto why = [](const std::string& text) { return parsePlan(text, "/").failure().what; };
    EXPECT_THAT(why("{}"), HasSubstr("has no \"configuration\""));
    EXPECT_THAT(why(R"({"version": 1, "configuration": {"version": 1}, "axis": []})"),
                HasSubstr("unknown key \"axis\""));
    EXPECT_THAT(why(R"({"version": 2, "configuration": {"version": 1}})"), HasSubstr("version"));
    EXPECT_THAT(why(R"({"version": 1, "configuration": {"version": 1}, "seeds": "10"})"), HasSubstr("of another form"));
    EXPECT_THAT(why(R"({"version": 1, "configuration": {"version": 1}, "axes": [{"field": "seed"}]})"),
                HasSubstr("of another form"));
    EXPECT_THAT(why(R"({"version": 1, "configuration": {"version": 1, "no": 1}})"), HasSubstr("no"));
    EXPECT_FALSE(parsePlan("[", "/"));
}

TEST(Plans, DifferOnlyInWhatDiffers)
{
    Plan after = ablation();
    after.base.train.lr = 0.25;
    after.base.name = "another";
    after.base.lora.rank = 3; // has no effect without train.tuning=lora
    after.seeds = {10};
    const auto found = changes(ablation(), after);
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].field, "train.lr");
    EXPECT_EQ(found[0].after, "0.25");
    EXPECT_EQ(found[1], (Change{"seeds", "10, 20, 30", "10"}));
}

} // namespace
} // namespace dskd::config
