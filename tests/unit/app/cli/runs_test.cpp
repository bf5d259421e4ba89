#include "core/jobs/diagnostics.h"
#include "core/jobs/run_folder.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_writer.h"
#include "core/text/numbers.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

TEST_F(CliWithRuns, ListsRunsAsJson)
{
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    ASSERT_EQ(json().size(), ids.size());
    EXPECT_EQ(json()[0]["status"], "done");
    EXPECT_EQ(json()[0]["objective"], "sft");
    EXPECT_EQ(json()[0]["method"], "sft");
}

TEST_F(CliWithRuns, ListsTrashedRunsWithTheirValues)
{
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    const auto loss = json()[0]["loss"];
    ASSERT_TRUE(loss.is_number());
    EXPECT_EQ(run({"delete", ids[0], "-w", w}), 0);
    EXPECT_EQ(run({"runs", "--trash", "-w", w, "--json"}), 0);
    ASSERT_EQ(json().size(), 1U);
    EXPECT_EQ(json()[0]["loss"], loss);
    const std::uint64_t size = jobs::folderSize(WorkspaceLayout{w}.trash() / ids[0]);
    EXPECT_GT(size, 0U);
    EXPECT_EQ(json()[0]["size_bytes"], size);
    EXPECT_EQ(run({"runs", "--trash", "-w", w}), 0);
    EXPECT_THAT(out.str(), HasSubstr("They take " + text::bytes(size) + "."));
}

TEST_F(CliWithRuns, NamesTheRunWhoseFolderIsGone)
{
    std::filesystem::remove_all(WorkspaceLayout{w}.run(ids[0]).root);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    ASSERT_EQ(json().size(), ids.size());
    EXPECT_EQ(json()[0]["status"], "failed");
    EXPECT_THAT(json()[0]["sentence"], HasSubstr("The folder of " + ids[0] + " is gone"));
    EXPECT_EQ(json()[1]["status"], "done");
    EXPECT_EQ(run({"report", "-w", w}), 0);
    EXPECT_THAT(err.str(), HasSubstr("The run " + ids[0] + " is left out: "));
    EXPECT_EQ(run({"compare", ids[0], ids[1], "-w", w, "--json"}), 0);
    ASSERT_EQ(json()["left_out"].size(), 1U);
    EXPECT_EQ(json()["left_out"][0]["run"], ids[0]);
    EXPECT_EQ(run({"delete", ids[0], "--purge", "-w", w}), 0);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), ids.size() - 1);
}

TEST_F(CliWithRuns, SaysThatAFolderIsGoneWhereverTheRunIsAskedFor)
{
    std::filesystem::rename(WorkspaceLayout{w}.run(ids[0]).root, folder / "elsewhere");
    const auto saysSo = HasSubstr("The folder of " + ids[0] + " is gone");
    EXPECT_EQ(run({"runs", "-w", w}), 0);
    EXPECT_THAT(err.str(), saysSo);
    EXPECT_THAT(err.str(), testing::Not(HasSubstr(ids[1])));
    for (const char* command : {"show", "resume"}) {
        EXPECT_EQ(run({command, ids[0], "-w", w}), toInt(ExitCode::NotFound)) << command;
        EXPECT_THAT(err.str(), saysSo) << command;
    }
    EXPECT_EQ(run({"delete", ids[0], "-w", w}), 0);
    EXPECT_THAT(out.str(),
                testing::AllOf(saysSo, HasSubstr("only the run's row"), testing::Not(HasSubstr("brings it back"))));
    EXPECT_EQ(run({"restore", ids[0], "-w", w}), 0);
    EXPECT_THAT(out.str(), testing::AllOf(saysSo, testing::Not(HasSubstr("is back"))));
}

TEST_F(CliWithRuns, WritesEveryPointOfAMetric)
{
    EXPECT_EQ(run({"metrics", ids[0], "-w", w, "--name", "loss", "--csv"}), 0);
    const std::string text = out.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 51); // header and 50 steps
    EXPECT_THAT(text, testing::StartsWith("run,name,seed,metric,step,tokens,time,value\n" + ids[0] + ","));
    EXPECT_EQ(run({"metrics", ids[0], "-w", w, "--name", "no_such"}), toInt(ExitCode::NotFound));
}

TEST_F(CliWithRuns, ComparesAGroupWithDeltasToTheBaseline)
{
    EXPECT_EQ(run({"compare", "group:demo", "-w", w, "--json"}), 0);
    ASSERT_EQ(json()["groups"].size(), 5U);
    EXPECT_TRUE(json()["groups"][0]["baseline"]);
    EXPECT_EQ(json()["groups"][0]["values"]["loss.last"]["count"], 3);
    const auto first = json()["groups"][1];
    EXPECT_TRUE(first["values"]["nll_loss.last"].contains("delta"));
    EXPECT_EQ(first["values"]["nll_loss.last"]["delta_to"], "sft");
    EXPECT_FALSE(first["values"]["loss.last"].contains("delta")) << "the loss of another objective";
    EXPECT_EQ(first["done"], 3);
    EXPECT_EQ(first["runs"][0]["status"], "done");
    EXPECT_EQ(run({"compare", "group:demo", "-w", w, "--latex"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("\\toprule"));
    EXPECT_THAT(out.str(),
                testing::AllOf(HasSubstr("$\\Delta$ is the difference to sft."), testing::Not(HasSubstr("Δ"))));
    EXPECT_EQ(run({"compare", "group:demo", "-w", w, "--csv"}), 0);
    EXPECT_THAT(out.str(), testing::StartsWith("runs,method.objective,"));
}

// CMA has two seeds, the others three.
TEST_F(CliWithRuns, MarksInAComparisonWhatATestSays)
{
    EXPECT_EQ(run({"compare", "group:demo", "-w", w, "--json"}), 0);
    const nlohmann::json compared = json();
    int tested = 0;
    for (const auto& group : compared["groups"]) {
        const auto& value = group["values"]["validation.loss.best"];
        EXPECT_EQ(value["best"], value["mark"] == "best") << value.dump();
        EXPECT_TRUE(group["values"]["loss.last"]["mark"].is_null()) << "the loss of another objective";
        if (value.contains("test")) {
            ++tested;
            EXPECT_EQ(value["test"]["pairs"], 3);
            EXPECT_EQ(value["mark"], value["test"]["p"] < 0.05 ? "worse" : "tie");
        }
    }
    EXPECT_EQ(tested, 3) << "SFT and two spaces against the third";
    EXPECT_EQ(compared["groups"][4]["values"]["validation.loss.best"]["mark"], "untested");
    EXPECT_THAT(compared["note"].get<std::string>(),
                HasSubstr("Two-sided paired t-test over 3 shared seeds, p < 0.05"));
    EXPECT_EQ(run({"compare", "group:demo", "-w", w}), 0);
    EXPECT_THAT(out.str(), HasSubstr("~: not shown to be worse than the best"));
    EXPECT_EQ(run({"compare", ids[0], ids[1], "-w", w}), 0);
    EXPECT_THAT(out.str(), HasSubstr("Nothing is marked as the best: no test was possible"));
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("*"))) << "a star is the mark of the best";
}

TEST_F(CliWithRuns, LeavesOutNothingThatWasAskedFor)
{
    for (const auto& words : {std::vector<std::string>{"compare", "demo", "--csv", "--latex"},
                              {"compare", "demo", "--json", "--latex"},
                              {"runs", "--csv", "--json"}}) {
        std::vector<std::string> typed = words;
        typed.insert(typed.end(), {"-w", w});
        EXPECT_EQ(run(typed), toInt(ExitCode::Usage)) << words.back();
        EXPECT_THAT(err.str(), HasSubstr("forms of one table")) << words.back();
    }
    EXPECT_EQ(run({"runs", "--descending", "-w", w}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("there is no --sort"));
    EXPECT_EQ(run({"queue", "move", ids[0], "0", "-w", w}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("0 is no place in the queue"));
    EXPECT_EQ(run({"queue", "move", ids[0], "1", "-w", w}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("does not wait in the queue"), HasSubstr("dskd queue list")));
    EXPECT_EQ(run({"queue", "add", "nobody", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("neither a configuration file nor a run or group"));
}

TEST_F(CliWithRuns, MeasuresAgainstTheBaselineThatIsNamed)
{
    for (const std::string& baseline : {std::string("dual"), ids[3]}) {
        EXPECT_EQ(run({"compare", "group:demo", "-w", w, "--baseline", baseline, "--json"}), 0) << err.str();
        ASSERT_EQ(json()["groups"].size(), 5U);
        EXPECT_TRUE(json()["groups"][3]["baseline"]) << baseline;
        EXPECT_FALSE(json()["groups"][0]["baseline"]) << baseline;
        EXPECT_EQ(json()["groups"][0]["values"]["validation.loss.best"]["delta_to"], "dual");
    }
    EXPECT_EQ(run({"compare", "group:demo", "-w", w, "--baseline", "nobody"}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("There is: sft, "));
}

TEST_F(CliWithRuns, WritesEventFilesOfAllTrainingRuns)
{
    const std::string to = folder / "curves";
    EXPECT_EQ(run({"tensorboard", "-w", w, "--to", to, "--json"}), 0) << err.str();
    EXPECT_EQ(json()["files"].size(), ids.size());
    EXPECT_GT(json()["points"], 0);
    EXPECT_TRUE(std::filesystem::exists(json()["files"][0].get<std::string>()));
    EXPECT_EQ(run({"tensorboard", "no such", "-w", w, "--to", to}), toInt(ExitCode::NotFound));
}

TEST_F(CliWithRuns, TakesTheBareNameOfAGroupWhereNoRunIsCalledSo)
{
    EXPECT_EQ(run({"compare", "demo", "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["groups"].size(), 5U);
    EXPECT_EQ(run({"compare", "no such group", "-w", w}), toInt(ExitCode::NotFound));
}

TEST_F(CliWithRuns, TakesAMetricByItsTitle)
{
    EXPECT_EQ(run({"compare", "demo", "-w", w, "--metric", "nll_loss.last"}), 0);
    const std::string byId = out.str();
    EXPECT_EQ(run({"compare", "demo", "-w", w, "--metric", metrics::titleOf("nll_loss.last")}), 0) << err.str();
    EXPECT_EQ(out.str(), byId);
    EXPECT_EQ(run({"compare", "demo", "-w", w, "--metric", "validation loss"}), 0) << err.str();
    EXPECT_THAT(out.str(), testing::AllOf(HasSubstr("validation loss (best)"), HasSubstr("validation loss (last)")));
    EXPECT_EQ(run({"compare", "demo", "-w", w, "--metric", "no such"}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("nll_loss.last (" + metrics::titleOf("nll_loss.last") + ")"));
}

TEST_F(CliWithRuns, ShowsWhatAReportOfAProblemNeeds)
{
    {
        auto writer = store::RunWriter::open(WorkspaceLayout{w}.run(ids[0])).value();
        writer->beginAttempt(std::nullopt).value();
        writer->addEvent(7, store::kFailedEvent, "The disk is full.", "Make room.");
        writer->endAttempt(toInt(ExitCode::Failed), "The disk is full.").value();
    }
    EXPECT_EQ(run({"show", ids[0], "--diagnostics", "-w", w}), 0) << err.str();
    EXPECT_EQ(out.str(), jobs::toText(jobs::diagnose(WorkspaceLayout{w}.run(ids[0])).value()));
    EXPECT_THAT(out.str(),
                testing::AllOf(HasSubstr("Status: failed"), HasSubstr("Make room."), testing::Not(HasSubstr(w))));
    EXPECT_EQ(run({"show", ids[0], "--diagnostics", "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["status"], "failed");
    EXPECT_EQ(json()["hint"], "Make room.");
    EXPECT_TRUE(json()["config"].contains("method"));
    EXPECT_EQ(run({"show", ids[0], "--diagnostics", "--config", "-w", w}), toInt(ExitCode::Usage));
}

TEST_F(CliWithRuns, ShowsMetricsByTheirTitlesAndKeepsTheIdsInJson)
{
    const std::string title = metrics::titleOf("nll_loss");
    ASSERT_NE(title, "nll_loss");
    EXPECT_EQ(run({"show", ids[0], "-w", w}), 0);
    const std::string table = out.str().substr(0, out.str().find("Checkpoints:")); // the configuration has field names
    EXPECT_THAT(table, testing::AllOf(HasSubstr(title), testing::Not(HasSubstr("nll_loss"))));
    EXPECT_EQ(run({"show", ids[0], "-w", w, "--json"}), 0);
    EXPECT_TRUE(json()["metrics"].contains("nll_loss"));
    EXPECT_EQ(run({"metrics", ids[0], "-w", w}), 0);
    EXPECT_THAT(out.str(), testing::AllOf(HasSubstr(title), HasSubstr("nll_loss")));
    EXPECT_EQ(run({"metrics", ids[0], "-w", w, "--name", "nll_loss", "--csv"}), 0);
    const std::string byId = out.str();
    EXPECT_EQ(run({"metrics", ids[0], "-w", w, "--name", title, "--csv"}), 0) << err.str();
    EXPECT_EQ(out.str(), byId);
}

} // namespace
} // namespace dskd::cli
