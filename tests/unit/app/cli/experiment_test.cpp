// `dskd experiment` beyond what the first hour tries: files, duplicates, running again, deleting.

#include "app/cli/command_line.h"
#include "core/base/exit_codes.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiments.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

class ExperimentCommands : public testing::Test
{
protected:
    ExperimentCommands()
    {
        (void)store::WorkspaceDb::create(w).value();
        // Runs are made of files that are there.
        const auto configuration = config::loadExperiment(test::sourceDir() + "/experiments/demo/dual.json").value();
        std::ofstream(configFile) << config::toJson(configuration).dump();
    }
    int run(std::vector<std::string> words)
    {
        out.str("");
        err.str("");
        words.insert(words.begin(), "experiment");
        words.insert(words.end(), {"-w", w, "--json"});
        Console console{out, err};
        return runCommandLine(std::move(words), console);
    }
    nlohmann::json json() { return nlohmann::json::parse(out.str()); }

    test::TemporaryFolder folder;
    std::string w = folder / "w";
    std::string configFile = folder / "config.json";
    std::string file = folder / "ablation.json";
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(ExperimentCommands, ExportAndImportAnExperiment)
{
    ASSERT_EQ(run({"save", "ablation", configFile, "--seeds", "1,2", "--note", "for table 2", "--tag", "paper"}), 0)
        << err.str();
    ASSERT_EQ(run({"export", "ablation", "--to", file}), 0) << err.str();
    EXPECT_EQ(json()["to"], file);
    EXPECT_EQ(run({"export", "ablation", "--to", file}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("there already"));
    EXPECT_EQ(run({"export", "ablation", "--to", file, "--force"}), 0) << err.str();
    ASSERT_EQ(run({"import", file}), 0) << err.str();
    EXPECT_EQ(json()["name"], "ablation 2");
    ASSERT_EQ(run({"show", "ablation 2"}), 0);
    EXPECT_EQ(json()["note"], "for table 2");
    EXPECT_EQ(json()["plan"]["seeds"].dump(), "[1,2]");
    EXPECT_EQ(run({"save", "third", file, "--seeds", "7"}), 0) << "save reads the file too: " << err.str();
    ASSERT_EQ(run({"show", "third"}), 0);
    EXPECT_EQ(json()["plan"]["seeds"].dump(), "[7]");
}

TEST_F(ExperimentCommands, ANewOneBeginsWithAFileOrWithAnotherOne)
{
    ASSERT_EQ(run({"save", "first", configFile, "--seeds", "1,2"}), 0) << err.str();
    ASSERT_EQ(run({"edit", "first", "--seeds", "1,2,3"}), 0) << err.str();
    ASSERT_EQ(run({"save", "second", "--from", "first@1", "--set", "train.lr=0.5"}), 0) << err.str();
    EXPECT_EQ(json()["planned"], 2);
    ASSERT_EQ(run({"diff", "first@1", "second"}), 0) << err.str();
    ASSERT_EQ(json().size(), 1U) << out.str();
    EXPECT_EQ(json()[0]["field"], "train.lr");
    EXPECT_EQ(run({"save", "third"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("--from"));
    EXPECT_EQ(run({"save", "third", configFile, "--from", "first"}), toInt(ExitCode::Usage));
}

TEST_F(ExperimentCommands, RunsAgainWhatTheExperimentHasAlready)
{
    ASSERT_EQ(run({"save", "pair", configFile, "--seeds", "1,2"}), 0) << err.str();
    ASSERT_EQ(run({"run", "pair", "--queue"}), 0) << err.str();
    EXPECT_EQ(json()["runs"].size(), 2U);
    ASSERT_EQ(run({"run", "pair", "--dry-run"}), 0) << err.str();
    EXPECT_TRUE(json()["missing"].empty());
    ASSERT_EQ(run({"run", "pair", "--again", "--dry-run"}), 0) << err.str();
    EXPECT_EQ(json()["planned"].size(), 2U);
    ASSERT_EQ(run({"run", "pair", "--again", "--queue"}), 0) << err.str();
    ASSERT_EQ(run({"show", "pair"}), 0);
    EXPECT_EQ(json()["runs"].size(), 4U);
}

TEST_F(ExperimentCommands, AreDeletedOnlyWithoutRuns)
{
    ASSERT_EQ(run({"save", "pair", configFile, "--seeds", "1"}), 0) << err.str();
    ASSERT_EQ(run({"run", "pair", "--queue"}), 0) << err.str();
    EXPECT_EQ(run({"delete", "pair"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("The experiment pair has 1 run."));
    ASSERT_EQ(run({"edit", "pair", "--archive"}), 0) << err.str();
    ASSERT_EQ(run({"list"}), 0);
    EXPECT_TRUE(json().empty());
    ASSERT_EQ(run({"save", "empty", configFile}), 0) << err.str();
    EXPECT_EQ(run({"delete", "empty"}), 0) << err.str();
    EXPECT_EQ(run({"show", "empty"}), toInt(ExitCode::NotFound));
}

} // namespace
} // namespace dskd::cli
