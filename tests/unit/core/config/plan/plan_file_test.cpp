#include "core/config/plan/plan_file.h"

#include "core/config/schema/experiment_json.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>

namespace dskd::config
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PlanFile : public testing::Test
{
protected:
    PlanFile()
    {
        plan.base.student.model = "/s";
        plan.base.teacher.model = "/t";
        plan.base.data.train = "/d.jsonl";
    }
    std::filesystem::path written(const std::string& text) const
    {
        std::ofstream(file) << text;
        return file;
    }

    test::TemporaryFolder folder;
    std::filesystem::path file = folder.path() / "plan.json";
    Plan plan;
};

TEST_F(PlanFile, OfOneRunIsAConfiguration)
{
    plan.seeds = {30};
    const auto read = loadExperiment(written(fileText(plan)));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->seed, 30u);
    const Plan again = loadPlan(file).value();
    EXPECT_THAT(again.axes, IsEmpty());
    EXPECT_EQ(again.base.seed, 30u);
}

TEST_F(PlanFile, OfSeveralHoldsAxesSeedsAndExclusions)
{
    plan.axes = {{"method.space", {"diff", "dual"}}};
    plan.excluded = {{{"method.space", "diff"}}};
    plan.seeds = {1, 2};
    const Plan read = loadPlan(written(fileText(plan))).value();
    EXPECT_EQ(read.axes, plan.axes);
    EXPECT_EQ(read.excluded, plan.excluded);
    EXPECT_THAT(read.seeds, ElementsAre(1u, 2u));
    EXPECT_EQ(toText(read), toText(plan));
    plan.axes.clear();
    plan.excluded.clear();
    EXPECT_THAT(loadPlan(written(fileText(plan))).value().seeds, ElementsAre(1u, 2u)) << "two seeds are two runs";
}

TEST_F(PlanFile, SaysWhatItDoesNotUnderstand)
{
    EXPECT_EQ(loadPlan(folder.path() / "none.json").failure().kind, FailureKind::NotFound);
    EXPECT_THAT(loadPlan(written(R"({"no_such": 1})")).failure().what, HasSubstr("no_such"));
    EXPECT_THAT(loadPlan(written(R"({"version": 1, "configuration": {}, "axis": []})")).failure().what,
                HasSubstr("\"axis\""));
}

} // namespace
} // namespace dskd::config
