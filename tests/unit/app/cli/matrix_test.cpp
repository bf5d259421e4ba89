#include "core/jobs/experiments.h"
#include "tests/support/latex_grammar.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;
using testing::IsEmpty;

std::string contentOf(const std::filesystem::path& file)
{
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The cell of that row, of a matrix with one column.
nlohmann::json cellOf(const nlohmann::json& matrix, const std::string& row)
{
    for (const auto& cell : matrix["cells"]) {
        if (cell["row"] == nlohmann::json::array({row})) {
            return cell;
        }
    }
    return {};
}

TEST_F(CliWithRuns, ShowsAMatrixOfMethods)
{
    EXPECT_EQ(run({"matrix", "group:demo", "-w", w, "--rows", "method", "--columns", "student.model", "--metric",
                   "validation.rouge_l", "--baseline", "method=sft", "--json"}),
              0)
        << err.str();
    const auto matrix = json();
    EXPECT_EQ(matrix["metric"], "validation.rouge_l.best");
    EXPECT_EQ(matrix["columns"], nlohmann::json::array({"student.model"}));
    ASSERT_EQ(matrix["cells"].size(), 5U);
    const auto sft = cellOf(matrix, "sft");
    EXPECT_EQ(sft["column"], nlohmann::json::array({"student"})) << "the last part of the path";
    EXPECT_EQ(sft["n"], 3);
    EXPECT_EQ(sft["state"], "done");
    EXPECT_FALSE(sft.contains("delta"));
    ASSERT_EQ(sft["runs"].size(), 3U);
    EXPECT_EQ(sft["runs"][0]["run"], ids[0]);
    EXPECT_EQ(sft["runs"][0]["seed"], 10);
    EXPECT_TRUE(sft["runs"][0]["counted"]);
    EXPECT_NEAR(sft["sem"].get<double>() * std::sqrt(3.0), sft["std"].get<double>(), 1e-12);
    EXPECT_GT(sft["ci95"], sft["std"]) << "4.303 / sqrt 3 deviations";
    nlohmann::json best = sft;
    for (const auto& cell : matrix["cells"]) {
        best = cell["mean"] > best["mean"] ? cell : best;
        if (cell["row"] != sft["row"]) {
            EXPECT_NEAR(cell["delta"].get<double>(), cell["mean"].get<double>() - sft["mean"].get<double>(), 1e-12);
        }
    }
    for (const auto& cell : matrix["cells"]) {
        EXPECT_THAT(cell["mark"].get<std::string>(), testing::AnyOf("best", "tie", "worse", "untested"));
        const bool sharesSeeds = cell["n"] == 3 && best["n"] == 3 && cell["row"] != best["row"];
        EXPECT_EQ(cell.contains("test") && cell["test"]["pairs_of"] == "seeds", sharesSeeds) << cell.dump();
    }
}

TEST_F(CliWithRuns, PrintsAMatrixWithItsLegend)
{
    EXPECT_EQ(run({"matrix", "demo", "-w", w}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("method"));
    EXPECT_THAT(out.str(), HasSubstr("validation loss (best)"));
    EXPECT_THAT(out.str(), HasSubstr("Mean +- standard deviation over n = 3 seeds where no other n is given."));
    EXPECT_THAT(out.str(), HasSubstr("Two-sided paired t-test over 3 shared seeds"));
    EXPECT_EQ(run({"matrix", "demo", "-w", w, "--spread", "ci95"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("half the 95 % interval"));
}

TEST_F(CliWithRuns, WritesAMatrixForPapersAndSpreadsheets)
{
    EXPECT_EQ(run({"matrix", "demo", "-w", w, "--latex"}), 0);
    EXPECT_THAT(test::LatexGrammar(out.str()).problems(), IsEmpty()) << out.str();
    const std::string latex = out.str();
    const std::string tex = folder / "table.tex";
    EXPECT_EQ(run({"matrix", "demo", "-w", w, "--to", tex}), 0);
    EXPECT_EQ(out.str(), "Written to " + tex + ".\n");
    EXPECT_EQ(contentOf(tex), latex);
    EXPECT_EQ(run({"matrix", "demo", "-w", w, "--csv"}), 0);
    EXPECT_THAT(out.str(), HasSubstr(",mean,std,n,delta,mark,"));
    EXPECT_THAT(out.str(), HasSubstr(ids[0]));
    const std::string csv = out.str();
    EXPECT_EQ(run({"matrix", "demo", "-w", w, "--to", folder / "table.csv", "--json"}), 0);
    EXPECT_EQ(json()["file"], (folder / "table.csv").string());
    EXPECT_EQ(contentOf(folder / "table.csv"), csv);
    EXPECT_EQ(run({"matrix", "demo", "-w", w, "--to", folder / "table.json"}), 0);
    EXPECT_EQ(nlohmann::json::parse(contentOf(folder / "table.json"))["cells"].size(), 5U);
    EXPECT_EQ(run({"matrix", "demo", "-w", w, "--to", tex}), toInt(ExitCode::Usage)) << "it may be somebody's own";
    EXPECT_THAT(err.str(), HasSubstr(tex + " is there already."));
    EXPECT_EQ(run({"matrix", "demo", "-w", w, "--to", tex, "--force"}), 0);
    EXPECT_EQ(run({"matrix", "demo", "-w", w, "--to", folder / "table.png"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr(".tex, .csv or .json"));
}

// The run is of no space, so it stands under "no effect" and is the same in every space.
TEST_F(CliWithRuns, TellsInJsonWhyACellIsEmpty)
{
    EXPECT_EQ(run({"matrix", "demo", "-w", w, "--rows", "objective,alignment", "--columns", "space", "--json"}), 0)
        << err.str();
    const nlohmann::json matrix = json();
    int same = 0;
    for (const auto& cell : matrix["cells"]) {
        if (cell["state"] == "same") {
            ++same;
            EXPECT_EQ(cell["row"][0], "sft");
            EXPECT_EQ(cell["same_as"]["row"], cell["row"]);
            EXPECT_EQ(cell["same_as"]["column"], nlohmann::json::array({"no effect"}));
        }
        for (const char* state : {"done", "running", "queued", "created", "stopped", "failed"}) {
            EXPECT_TRUE(cell[state].is_number()) << state;
        }
    }
    EXPECT_EQ(same, 3) << "diff, student and dual";
    EXPECT_EQ(run({"matrix", "demo", "-w", w, "--rows", "objective,alignment", "--columns", "space"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("=: the field has no effect here; the run stands under \"no effect\"."));
}

TEST_F(Cli, ShowsWhatAnExperimentMisses)
{
    const std::string w = folder / "w";
    {
        auto workspace = store::WorkspaceDb::create(w).value();
        config::Plan plan;
        plan.base.student.model = "/s";
        plan.base.teacher.model = "/t";
        plan.base.data.train = "/d.jsonl";
        plan.axes = {{"method.space", {"diff", "dual"}}};
        plan.seeds = {1, 2, 3};
        ASSERT_TRUE(jobs::saveExperiment(workspace, "ablation", plan));
    }
    EXPECT_EQ(run({"matrix", "--experiment", "ablation", "-w", w, "--json"}), 0) << err.str();
    ASSERT_EQ(json()["cells"].size(), 2U);
    EXPECT_EQ(json()["cells"][0]["state"], "missing");
    EXPECT_EQ(json()["cells"][0]["missing"].size(), 3U);
    EXPECT_EQ(run({"matrix", "--experiment", "ablation", "-w", w}), 0);
    EXPECT_THAT(out.str(), HasSubstr("6 planned runs are missing."));
}

TEST_F(CliWithRuns, SaysWhatAMatrixCannotBeOf)
{
    const auto refused = [&](std::vector<std::string> words, ExitCode code, const std::string& what) {
        words.insert(words.begin(), "matrix");
        words.insert(words.end(), {"-w", w});
        EXPECT_EQ(run(words), toInt(code)) << what;
        EXPECT_THAT(err.str(), HasSubstr(what));
    };
    refused({}, ExitCode::Usage, "Of which runs is the matrix to be?");
    refused({"--experiment", "no such"}, ExitCode::NotFound, "no such");
    refused({"demo", "--rows", "no_such"}, ExitCode::Usage, "no_such");
    refused({"demo", "--metric", "no such"}, ExitCode::NotFound, "None of these runs has the metric \"no such\"");
    refused({"demo", "--baseline", "method"}, ExitCode::Usage, "not of the form FIELD=VALUE");
    refused({"demo", "--baseline", "method=gkd"}, ExitCode::NotFound, "There is: sft");
    refused({"demo", "--spread", "sd"}, ExitCode::Usage, "--spread");
    refused({"demo", "--csv", "--latex"}, ExitCode::Usage, "forms of one table");
    refused({"demo", "--csv", "--json"}, ExitCode::Usage, "forms of one table");
    refused({"demo", "--csv", "--to", folder / "table.tex"}, ExitCode::Usage, "so --csv has no effect");
    EXPECT_FALSE(std::filesystem::exists(folder / "table.tex"));
}

} // namespace
} // namespace dskd::cli
