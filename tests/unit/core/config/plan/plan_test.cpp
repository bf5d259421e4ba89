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
    EXPECT_EQ(exclusionText(plan.excluded[0]), "method.distance=rkl method.space=diff") << "by the names of the fields";
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

// Projectors have no effect in fine-tuning, a skewed distance alone has a lambda.
TEST(Plan, HasARunOnceWhoseCombinationsDifferInNothingThatHasAnEffect)
{
    Plan plan = ablation();
    plan.seeds = {1};
    plan.axes = {{"method.objective", {"kd", "sft"}}, {"projector.lr", {"0.1", "0.2", "0.3"}}};
    EXPECT_THAT(namesOf(plan), ElementsAre("objective=kd lr=0.1 1", "objective=kd lr=0.2 1", "objective=kd lr=0.3 1",
                                           "objective=sft 1"));
    const auto runs = expand(plan).value();
    EXPECT_EQ(numCells(runs), 6u);
    EXPECT_THAT(runs[0].same, SizeIs(0));
    EXPECT_THAT(runs[3].same, ElementsAre(AxisValues{{"method.objective", "sft"}, {"projector.lr", "0.2"}},
                                          AxisValues{{"method.objective", "sft"}, {"projector.lr", "0.3"}}));
    plan.excluded = {{{"method.objective", "sft"}, {"projector.lr", "0.1"}}};
    EXPECT_EQ(numCells(expand(plan).value()), 5u) << "what is left out is no cell";
    EXPECT_THAT(expand(plan).value(), SizeIs(4));

    plan.excluded.clear();
    plan.axes = {{"method.distance", {"kl", "srkl"}}, {"method.skew_lambda", {"0.1", "0.2"}}};
    plan.seeds = {1, 2, 3};
    EXPECT_THAT(expand(plan).value(), SizeIs(9));
    EXPECT_EQ(numCells(expand(plan).value()), 12u);
}

TEST(Plan, HasARunOnceAlsoWhereMethodsAreVaried)
{
    Plan plan = ablation();
    plan.seeds = {1};
    plan.axes = {{"method", {"sft", "vanilla"}}, {"method.temperature", {"1", "2"}}};
    EXPECT_THAT(namesOf(plan),
                ElementsAre("method=sft 1", "method=vanilla temperature=1 1", "method=vanilla temperature=2 1"));
}

TEST(Plan, HasAValueOnceThatIsWrittenInTwoWays)
{
    Plan plan = ablation();
    plan.seeds = {1};
    plan.axes = {{"train.lr", {"1e-3", "0.001", "0.002"}}};
    EXPECT_THAT(namesOf(plan), ElementsAre("lr=1e-3 1", "lr=0.002 1"));
}

TEST(Plan, RefusesASeedThatIsListedTwice)
{
    Plan plan = ablation();
    plan.seeds = {1, 2, 1};
    EXPECT_THAT(expand(plan).failure().what, HasSubstr("The seed 1 is listed twice"));
    EXPECT_EQ(expand(plan).failure().kind, FailureKind::Usage);
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

TEST(Plans, DifferInAFieldThatOneCombinationUses)
{
    Plan before = ablation();
    before.base.method.objective = Objective::Sft;
    before.axes = {{"method.objective", {"sft", "kd"}}};
    Plan after = before;
    after.base.method.temperature = 4.0; // of the runs that distil
    const auto found = changes(before, after);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].field, "method.temperature");
    EXPECT_EQ(found[0].after, "4.0");
}

TEST(Plans, DoNotDifferInAValueInWhosePlaceBothPutThoseOfAnAxis)
{
    Plan after = ablation();
    after.base.method.space = Space::Student; // every run has one of the axis
    after.excluded = {{{"method.space", "diff"}, {"method.distance", "rkl"}}, {{"method.space", "student"}}};
    Plan before = ablation();
    before.excluded = {after.excluded[1], after.excluded[0]};
    EXPECT_THAT(changes(before, after), SizeIs(0));
    after.axes.erase(after.axes.begin());
    after.excluded.clear();
    before.excluded.clear();
    const auto found = changes(before, after);
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0], (Change{"method.space", "varied", "student"}));
    EXPECT_EQ(found[1].field, "axes");
}

TEST(Plans, DoNotDifferWhereAMethodSetsTheFieldOrAFixedValueDoes)
{
    Plan before = ablation();
    before.axes = {{"method", {"dskd", "vanilla"}}};
    before.fixed = {{"method.temperature", "4"}};
    Plan after = before;
    after.base.method.space = Space::Different;    // each method has its own
    after.base.method.temperature = 7.0;           // the fixed value holds
    after.fixed = {{"method.temperature", "4.0"}}; // the same
    EXPECT_THAT(changes(before, after), SizeIs(0));
    after.fixed = {{"method.temperature", "5"}};
    ASSERT_THAT(changes(before, after), SizeIs(1));
    EXPECT_EQ(changes(before, after)[0], (Change{"method.temperature", "4.0", "5.0"}));
}

TEST(Plans, AreComparedByTheSeedsThatTheyRun)
{
    Plan before = ablation();
    before.seeds.clear();
    before.base.seed = 7;
    Plan after = before;
    after.seeds = {7};
    after.base.seed = 8; // of no account
    EXPECT_THAT(changes(before, after), SizeIs(0));
    after.seeds = {7, 8};
    ASSERT_THAT(changes(before, after), SizeIs(1));
    EXPECT_EQ(changes(before, after)[0], (Change{"seeds", "7", "7, 8"}));
    EXPECT_EQ(changes(after, before)[0], (Change{"seeds", "7, 8", "7"}));
    after.seeds.clear();
    EXPECT_EQ(changes(before, after)[0], (Change{"seed", "7", "8"}));
}

} // namespace
} // namespace dskd::config
