// `dskd experiment` beyond what the first hour tries: files, duplicates, running again, deleting.

#include "app/cli/command_line.h"
#include "core/base/exit_codes.h"
#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiments.h"
#include "core/store/run_writer.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <utility>

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
    EXPECT_EQ(json()["estimate"]["runs"], 2);
    EXPECT_GT(json()["estimate"]["checkpoint_bytes"], 0);
    ASSERT_EQ(run({"run", "pair", "--again", "--queue"}), 0) << err.str();
    ASSERT_EQ(run({"show", "pair"}), 0);
    EXPECT_EQ(json()["runs"].size(), 4U);
}

TEST_F(ExperimentCommands, StartARunThatIsThereInsteadOfMakingAnother)
{
    ASSERT_EQ(run({"save", "pair", configFile, "--seeds", "1,2"}), 0) << err.str();
    ASSERT_EQ(run({"run", "pair", "--queue"}), 0) << err.str();
    const auto made = json()["runs"];
    EXPECT_TRUE(json()["continued"].empty());
    {
        auto workspace = store::WorkspaceDb::open(w).value();
        for (const auto& id : made) { // as "dskd queue clear"
            workspace.dequeue(id.get<std::string>());
        }
    }
    ASSERT_EQ(run({"run", "pair", "--dry-run"}), 0) << err.str();
    EXPECT_EQ(json()["missing"].size(), 2U);
    ASSERT_EQ(run({"run", "pair", "--queue"}), 0) << err.str();
    EXPECT_EQ(json()["runs"], made);
    EXPECT_EQ(json()["continued"], made);
    EXPECT_THAT(err.str(), HasSubstr("2 are runs that were never started, stopped or failed"));
    ASSERT_EQ(run({"show", "pair"}), 0);
    EXPECT_EQ(json()["runs"], made);
    EXPECT_EQ(json()["progress"]["queued"], 2);
}

TEST_F(ExperimentCommands, ListHowFarTheirRunsAre)
{
    ASSERT_EQ(run({"save", "pair", configFile, "--seeds", "1,2,3", "--note", "for table 2"}), 0) << err.str();
    ASSERT_EQ(run({"run", "pair", "--queue"}), 0) << err.str();
    const std::string first = json()["runs"][0];
    const std::string second = json()["runs"][1];
    {
        auto workspace = store::WorkspaceDb::open(w).value();
        for (const auto& [id, code] : {std::pair(first, 0), std::pair(second, 1)}) {
            workspace.dequeue(id);
            auto writer = store::RunWriter::open(workspace.layout().run(id)).value();
            writer->beginAttempt(std::nullopt).value();
            writer->addEvent(1, code == 0 ? "done" : store::kFailedEvent, "The end.");
            writer->endAttempt(code, "The end.").value();
        }
    }
    ASSERT_EQ(run({"save", "old", configFile}), 0) << err.str();
    ASSERT_EQ(run({"edit", "old", "--archive"}), 0) << err.str();
    ASSERT_EQ(run({"list"}), 0);
    ASSERT_EQ(json().size(), 1U);
    const auto progress = json()[0]["progress"];
    EXPECT_EQ(progress["planned"], 3);
    EXPECT_EQ(progress["done"], 1);
    EXPECT_EQ(progress["failed"], 1);
    EXPECT_EQ(progress["queued"], 1);
    EXPECT_EQ(progress["running"], 0);
    EXPECT_EQ(progress["missing"], 1) << "the one that failed";
    EXPECT_EQ(json()[0]["note"], "for table 2");
    Console console{out, err};
    console.tableWidth = 140;
    out.str("");
    ASSERT_EQ(runCommandLine({"experiment", "list", "-w", w}, console), 0);
    EXPECT_THAT(out.str(), testing::ContainsRegex("pair +1 +1 / 3 +0 +1 +1 "));
    EXPECT_THAT(out.str(), HasSubstr("for table 2"));
    EXPECT_THAT(out.str(), HasSubstr("1 archived experiment is not shown"));
}

TEST_F(ExperimentCommands, ShowRevisionsRunsAndWhatIsLeftOut)
{
    ASSERT_EQ(run({"save", "grid", configFile, "--grid", "method.distance=kl,rkl", "--seeds", "1,2"}), 0) << err.str();
    ASSERT_EQ(run({"run", "grid", "--queue"}), 0) << err.str();
    ASSERT_EQ(run({"edit", "grid", "--exclude", "method.distance=rkl", "--set", "train.lr=0.5"}), 0) << err.str();
    ASSERT_EQ(run({"run", "grid", "--queue"}), 0) << err.str();
    const auto newer = json()["runs"];
    EXPECT_EQ(newer.size(), 2U);
    ASSERT_EQ(run({"show", "grid"}), 0);
    EXPECT_EQ(json()["runs"].size(), 6U);
    EXPECT_EQ(json()["other_runs"], 0);
    EXPECT_EQ(json()["run_rows"][5]["run"], newer[1]);
    EXPECT_EQ(json()["run_rows"][5]["status"], "queued");
    EXPECT_EQ(json()["run_rows"][5]["revision"], 2);
    EXPECT_TRUE(json()["revisions"][0]["changes"].empty());
    ASSERT_EQ(json()["revisions"][1]["changes"].size(), 2U) << out.str();
    EXPECT_EQ(json()["revisions"][1]["changes"][0]["field"], "train.lr");
    EXPECT_EQ(json()["revisions"][1]["changes"][0]["after"], "0.5");
    EXPECT_EQ(json()["progress"]["queued"], 2);
    EXPECT_EQ(json()["progress"]["earlier"], 4) << "of revision 1, and none of them counts as one of revision 2";
    ASSERT_EQ(run({"show", "grid", "--revision", "2"}), 0);
    EXPECT_EQ(json()["runs"], newer) << "those of this revision alone";
    EXPECT_EQ(json()["other_runs"], 4);

    Console console{out, err};
    console.tableWidth = 160;
    const auto shown = [&](std::vector<std::string> more) {
        out.str("");
        std::vector<std::string> words{"experiment", "show", "grid", "-w", w};
        words.insert(words.end(), more.begin(), more.end());
        EXPECT_EQ(runCommandLine(std::move(words), console), 0);
        return out.str();
    };
    const std::string all = shown({});
    EXPECT_THAT(all, HasSubstr("Axis method.distance: kl rkl\n"));
    EXPECT_THAT(all, HasSubstr("Excluded combinations: all with method.distance=rkl\n"));
    EXPECT_THAT(all, HasSubstr("Seeds 1, 2\n"));
    EXPECT_THAT(all, HasSubstr("2 runs planned, 0 missing, 2 queued; 4 more of earlier revisions\n"));
    EXPECT_THAT(all, HasSubstr(" -> 0.5\n"));
    EXPECT_THAT(all, HasSubstr("Revision 1, "));
    EXPECT_THAT(all, HasSubstr(newer[0].get<std::string>()));
    const std::string first = shown({"--revision", "1"});
    EXPECT_THAT(first, HasSubstr("revision 1 of 2"));
    EXPECT_THAT(first, HasSubstr("4 runs planned\n"));
    EXPECT_THAT(first, HasSubstr("4 runs of this revision; 2 runs of other revisions not shown\n"));
    EXPECT_THAT(first, testing::Not(HasSubstr(newer[0].get<std::string>())));
    EXPECT_THAT(first, testing::Not(HasSubstr("Excluded combinations")));
}

TEST_F(ExperimentCommands, SayWhatWasSaved)
{
    ASSERT_EQ(run({"save", "pair", configFile, "--seeds", "1,2"}), 0) << err.str();
    EXPECT_EQ(json()["revision"], 1);
    EXPECT_EQ(json()["new_revision"], true);
    EXPECT_EQ(json()["progress"]["existing"], 0);
    ASSERT_EQ(run({"run", "pair", "--queue"}), 0) << err.str();
    ASSERT_EQ(run({"edit", "pair", "--seeds", "1,2,3", "--note", "more"}), 0) << err.str();
    EXPECT_EQ(json()["revision"], 2);
    EXPECT_EQ(json()["planned"], 3);
    EXPECT_EQ(json()["progress"]["existing"], 2);
    EXPECT_EQ(json()["progress"]["missing"], 1);
    ASSERT_EQ(json()["changes"].size(), 1U);
    EXPECT_EQ(json()["changes"][0]["field"], "seeds");
    EXPECT_EQ(json()["also_changed"], nlohmann::json::array({"note"}));
    ASSERT_EQ(run({"edit", "pair", "--tag", "paper"}), 0) << err.str();
    EXPECT_EQ(json()["new_revision"], false);
    EXPECT_EQ(json()["revision"], 2);
    EXPECT_TRUE(json()["changes"].empty());
    EXPECT_EQ(json()["also_changed"], nlohmann::json::array({"tags"}));
    out.str("");
    Console console{out, err};
    ASSERT_EQ(runCommandLine({"experiment", "edit", "pair", "--seeds", "3", "-w", w}, console), 0);
    EXPECT_THAT(out.str(), HasSubstr("pair is saved as revision 3: 1 run, "));
    EXPECT_THAT(out.str(), HasSubstr("Changed since revision 2:\n  seeds: 1, 2, 3 -> 3\n"));
    EXPECT_THAT(out.str(), HasSubstr("0 runs exist, 1 is still to be run; 2 more of earlier revisions.\n"));
    out.str("");
    ASSERT_EQ(runCommandLine({"experiment", "edit", "pair", "--seeds", "3", "-w", w}, console), 0);
    EXPECT_THAT(out.str(), HasSubstr("pair has the plan that it had, revision 3: 1 run, "));
}

TEST_F(ExperimentCommands, EndTheExclusions)
{
    ASSERT_EQ(run({"save", "grid", configFile, "--grid", "method.distance=kl,rkl", "--exclude", "distance=rkl"}), 0)
        << err.str();
    ASSERT_EQ(run({"edit", "grid", "--exclude", "distance=rkl"}), 0) << err.str();
    EXPECT_EQ(json()["new_revision"], false) << "it is left out already";
    ASSERT_EQ(run({"edit", "grid", "--exclude", "none"}), 0) << err.str();
    EXPECT_EQ(json()["planned"], 2);
    ASSERT_EQ(json()["changes"].size(), 1U);
    EXPECT_EQ(json()["changes"][0]["after"], "none");
    ASSERT_EQ(run({"edit", "grid", "--exclude", "distance=rkl"}), 0) << err.str();
    ASSERT_EQ(run({"edit", "grid", "--exclude", "none", "--exclude", "distance=kl"}), 0) << err.str();
    ASSERT_EQ(run({"show", "grid"}), 0) << err.str();
    EXPECT_EQ(json()["plan"]["excluded"].dump(), R"([{"method.distance":"kl"}])") << "in place of the other";
    EXPECT_EQ(run({"edit", "grid", "--exclude", "nothing"}), toInt(ExitCode::Usage));
}

TEST_F(ExperimentCommands, RefuseToSetWhatTheyVary)
{
    ASSERT_EQ(run({"save", "grid", configFile, "--grid", "method.distance=kl,rkl", "--seeds", "1,2"}), 0) << err.str();
    EXPECT_EQ(run({"edit", "grid", "--set", "distance=js"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("the plan varies method.distance (kl, rkl)"));
    EXPECT_EQ(run({"edit", "grid", "--set", "seed=3"}), toInt(ExitCode::Usage));
    EXPECT_EQ(run({"save", "other", "--from", "grid", "--set", "distance=js"}), toInt(ExitCode::Usage));
    ASSERT_EQ(run({"show", "grid"}), 0);
    EXPECT_EQ(json()["revision"], 1);
    ASSERT_EQ(run({"edit", "grid", "--grid", "none", "--seeds", "none", "--set", "distance=js", "--set", "seed=3"}), 0)
        << "what ends is varied no more: " << err.str();
    EXPECT_EQ(json()["planned"], 1);
    ASSERT_EQ(run({"show", "grid"}), 0);
    EXPECT_EQ(json()["plan"]["configuration"]["method"]["distance"], "js");
    EXPECT_EQ(json()["plan"]["configuration"]["seed"], 3);
}

TEST_F(ExperimentCommands, NameOneRevisionWhereTheyRead)
{
    ASSERT_EQ(run({"save", "pair", configFile, "--seeds", "1,2"}), 0) << err.str();
    ASSERT_EQ(run({"edit", "pair", "--seeds", "1,2,3"}), 0) << err.str();
    ASSERT_EQ(run({"show", "pair@1"}), 0) << err.str();
    EXPECT_EQ(json()["shown_revision"], 1);
    EXPECT_EQ(json()["plan"]["seeds"].dump(), "[1,2]");
    EXPECT_EQ(run({"show", "pair@1", "--revision", "2"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("pair@1 and --revision 2 name two revisions."));
    ASSERT_EQ(run({"export", "pair@1", "--to", file}), 0) << err.str();
    EXPECT_EQ(json()["revision"], 1);
    EXPECT_EQ(nlohmann::json::parse(readTextFile(file).value())["plan"]["seeds"].dump(), "[1,2]");
    EXPECT_EQ(run({"run", "pair@1", "--dry-run"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("only the newest can be run: revision 2."));
    EXPECT_THAT(err.str(), HasSubstr("dskd experiment save NAME --from pair@1"));
    ASSERT_EQ(run({"run", "pair@2", "--dry-run"}), 0) << err.str();
    EXPECT_EQ(json()["missing"].size(), 3U);
    for (const char* command : {"edit", "delete"}) {
        EXPECT_EQ(run({command, "pair@1"}), toInt(ExitCode::Usage)) << command;
        EXPECT_THAT(err.str(), HasSubstr("this command is about the whole experiment")) << command;
    }
    EXPECT_EQ(run({"show", "pair@3"}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("pair has no revision 3."));
    EXPECT_EQ(run({"diff", "pair@2x", "pair"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("\"2x\" is no number of a revision."));
}

TEST_F(ExperimentCommands, RefuseANameBeforeAnythingIsChanged)
{
    ASSERT_EQ(run({"save", "pair", configFile, "--seeds", "1,2"}), 0) << err.str();
    EXPECT_EQ(run({"edit", "pair", "--seeds", "1", "--note", "n", "--rename", "pair@1"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("ends like a revision"));
    EXPECT_THAT(err.str(), HasSubstr("pair-1"));
    ASSERT_EQ(run({"show", "pair"}), 0);
    EXPECT_EQ(json()["revision"], 1);
    EXPECT_EQ(json()["note"], "");
    ASSERT_EQ(run({"edit", "pair", "--seeds", "1", "--rename", "one"}), 0) << err.str();
    EXPECT_EQ(json()["name"], "one");
    EXPECT_EQ(json()["revision"], 2);
    EXPECT_EQ(run({"save", "last", configFile}), toInt(ExitCode::Usage));
    ASSERT_EQ(run({"export", "one", "--to", file}), 0) << err.str();
    auto exported = nlohmann::json::parse(readTextFile(file).value());
    exported["name"] = "last";
    std::ofstream(file) << exported.dump();
    EXPECT_EQ(run({"import", file}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("last experiment"));
    ASSERT_EQ(run({"import", file, "--name", "mine"}), 0) << err.str();
    EXPECT_EQ(json()["name"], "mine");
}

TEST_F(ExperimentCommands, SetNoNameOrGroupOfTheirRuns)
{
    ASSERT_EQ(run({"save", "pair", configFile}), 0) << err.str();
    for (const std::string set : {"name=zz", "group=zz"}) {
        EXPECT_EQ(run({"edit", "pair", "--set", set}), toInt(ExitCode::Usage)) << set;
        EXPECT_THAT(err.str(),
                    testing::AllOf(HasSubstr("--set " + set + " would have no effect"), HasSubstr("--rename")));
        EXPECT_EQ(run({"save", "other", configFile, "--set", set}), toInt(ExitCode::Usage)) << set;
    }
    ASSERT_EQ(run({"edit", "pair", "--seeds", "10,10,10"}), 0) << err.str();
    EXPECT_EQ(json()["new_revision"], false) << "the configuration has the seed 10";
}

TEST_F(ExperimentCommands, SayOnceWhatIsTheSameRun)
{
    ASSERT_EQ(run({"save", "grid", configFile, "--grid", "method.objective=sft,kd", "--grid",
                   "projector.lr=0.1,0.2,0.3", "--seeds", "1,2"}),
              0)
        << err.str();
    EXPECT_EQ(json()["planned"], 8);
    EXPECT_EQ(json()["progress"]["cells"], 12);
    EXPECT_EQ(json()["estimate"]["runs"], 8);
    Console console{out, err};
    out.str("");
    ASSERT_EQ(runCommandLine({"experiment", "show", "grid", "-w", w}, console), 0);
    EXPECT_THAT(out.str(), HasSubstr("12 cells, 8 runs: 4 have no effect\n"));
    ASSERT_EQ(run({"run", "grid", "--queue"}), 0) << err.str();
    EXPECT_EQ(json()["runs"].size(), 8U);
}

TEST_F(ExperimentCommands, SaveForAnotherMachineAndRefuseToRunHere)
{
    const std::string missing = folder / "missing.json";
    ASSERT_EQ(run({"save", "pair", configFile, "--set", "data.train=" + missing}), 0) << err.str();
    EXPECT_THAT(err.str(),
                testing::AllOf(HasSubstr("data.train names " + missing), HasSubstr("The experiment is saved")));
    ASSERT_EQ(json()["warnings"].size(), 1U);
    EXPECT_THAT(json()["warnings"][0].get<std::string>(), HasSubstr(missing));
    EXPECT_EQ(run({"run", "pair", "--queue"}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr(missing));
    EXPECT_EQ(run({"run", "pair", "--dry-run"}), toInt(ExitCode::NotFound)) << "as the run itself";
    ASSERT_EQ(run({"show", "pair"}), 0);
    EXPECT_TRUE(json()["runs"].empty());
    ASSERT_EQ(run({"save", "fine", configFile}), 0) << err.str();
    EXPECT_TRUE(json()["warnings"].empty());
    EXPECT_THAT(err.str(), testing::Not(HasSubstr("Warning")));
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
