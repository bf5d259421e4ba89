#include "core/metrics/metric_table.h"
#include "core/store/run_writer.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <string>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

TEST_F(CliWithRuns, ShowsTheSpacesOfRunsAtAStep)
{
    ASSERT_EQ(run({"spaces", ids[0], ids[3], "-w", w, "--json"}), 0) << err.str();
    const nlohmann::json dual = json()["runs"][1];
    EXPECT_EQ(dual["run"], ids[3]);
    EXPECT_EQ(dual["step"], 50);
    ASSERT_EQ(dual["samples"].size(), 8U);
    const double first = 0.3 * std::exp(-2.0) + 0.04 * 2.81 + 0.001 * 10;
    EXPECT_NEAR(dual["samples"][0]["structure.cosine_mean"].get<double>(), first, 1e-12);
    const nlohmann::json& box = dual["boxes"]["structure.cosine_mean"];
    EXPECT_NEAR(box["least"].get<double>(), first, 1e-12);
    EXPECT_NEAR(box["lower_quartile"].get<double>(), first + 0.0175, 1e-12);
    EXPECT_NEAR(box["median"].get<double>(), first + 0.035, 1e-12);
    EXPECT_NEAR(box["upper_quartile"].get<double>(), first + 0.0525, 1e-12);
    EXPECT_NEAR(box["greatest"].get<double>(), first + 0.07, 1e-12);
    EXPECT_EQ(dual["points"].size(), 48U) << "two sides in two spaces, 12 rows each";
    EXPECT_EQ(json()["runs"][0]["points"].size(), 24U) << "nothing is projected in fine-tuning";

    ASSERT_EQ(run({"spaces", ids[3], "-w", w, "--step", "0", "--csv"}), 0) << err.str();
    std::string text = out.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 9);
    EXPECT_THAT(text, HasSubstr(ids[3] + ",dual,10,0,0,10,10,"));
    ASSERT_EQ(run({"spaces", ids[3], "-w", w, "--csv", "--points"}), 0) << err.str();
    text = out.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 49);
    EXPECT_THAT(text, HasSubstr(",50,student,teacher,"));

    ASSERT_EQ(run({"spaces", "demo", "-w", w}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr(metrics::titleOf(metrics::kStructureProduct)));
    EXPECT_THAT(out.str(), HasSubstr("upper quartile"));
    EXPECT_EQ(run({"spaces", ids[3], "-w", w, "--step", "7"}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("It has: 0, 50."));
    EXPECT_EQ(run({"spaces", ids[3], "-w", w, "--points"}), toInt(ExitCode::Usage));

    std::filesystem::remove(WorkspaceLayout{w}.run(ids[0]).database());
    EXPECT_EQ(run({"spaces", ids[0], ids[3], "-w", w, "--json"}), 0) << "one run without records hides no other";
    EXPECT_EQ(json()["runs"].size(), 1U);
    EXPECT_THAT(err.str(), HasSubstr("The run " + ids[0] + " is left out: "));
}

TEST_F(CliWithRuns, MarksSpacesThatAreOfAnEarlierStep)
{
    ASSERT_EQ(run({"spaces", ids[0], ids[3], "-w", w}), 0) << err.str();
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("earlier step"))) << "both ended at step 50";
    {
        auto writer = store::RunWriter::open(WorkspaceLayout{w}.run(ids[3])).value();
        writer->beginAttempt(50).value();
        writer->addStructure({0, 60, 0, 10, 1.0, 1.0, 0.1, 0.2, 10});
        writer->endAttempt(0, "Finished.").value();
    }
    ASSERT_EQ(run({"spaces", ids[0], ids[3], "-w", w}), 0) << err.str();
    EXPECT_THAT(out.str(), testing::AllOf(HasSubstr("50 *"), HasSubstr("* of an earlier step than 60")));
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("60 *")));
    ASSERT_EQ(run({"spaces", ids[0], ids[3], "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(json()["runs"][0]["earlier"], true);
    EXPECT_EQ(json()["runs"][1]["earlier"], false);
}

} // namespace
} // namespace dskd::cli
