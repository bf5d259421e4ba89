// Experiments that are named by their number, "#1", with a revision or with other text behind it.

#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"
#include "tests/support/paths.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

// In an empty workspace: #1 is "pair", of two revisions.
class NumberedExperiment : public Cli
{
protected:
    NumberedExperiment()
    {
        (void)store::WorkspaceDb::create(w).value();
        const auto configuration = config::loadExperiment(test::sourceDir() + "/experiments/demo/dual.json").value();
        std::ofstream(configFile) << config::toJson(configuration).dump();
        EXPECT_EQ(experiment({"save", "pair", configFile, "--seeds", "1,2"}), 0) << err.str();
        EXPECT_EQ(experiment({"edit", "pair", "--seeds", "1,2,3"}), 0) << err.str();
    }
    int experiment(std::vector<std::string> words)
    {
        words.insert(words.begin(), "experiment");
        words.insert(words.end(), {"-w", w, "--json"});
        return run(std::move(words));
    }
    nlohmann::json shown()
    {
        EXPECT_EQ(experiment({"show", "pair"}), 0) << err.str();
        return json();
    }

    std::string w = folder / "w";
    std::string configFile = folder / "config.json";
    std::string file = folder / "pair.json";
};

TEST_F(NumberedExperiment, IsReadInTheRevisionBehindTheNumber)
{
    ASSERT_EQ(experiment({"show", "#1@1"}), 0) << err.str();
    EXPECT_EQ(json()["shown_revision"], 1);
    EXPECT_EQ(json()["plan"]["seeds"].dump(), "[1,2]");
    ASSERT_EQ(experiment({"export", "#1@1", "--to", file}), 0) << err.str();
    EXPECT_EQ(json()["revision"], 1);
    EXPECT_EQ(nlohmann::json::parse(readTextFile(file).value())["plan"]["seeds"].dump(), "[1,2]");
    ASSERT_EQ(experiment({"diff", "#1@1", "#1"}), 0) << err.str();
    EXPECT_FALSE(json().empty());
    ASSERT_EQ(experiment({"save", "second", "--from", "#1@1"}), 0) << err.str();
    EXPECT_EQ(json()["planned"], 2);
}

TEST_F(NumberedExperiment, IsRunInItsNewestRevisionAlone)
{
    EXPECT_EQ(experiment({"run", "#1@1", "--queue"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("only the newest can be run: revision 2."));
    EXPECT_TRUE(shown()["runs"].empty());
    ASSERT_EQ(experiment({"run", "#1@2", "--dry-run"}), 0) << err.str();
    EXPECT_EQ(json()["missing"].size(), 3U);
}

TEST_F(NumberedExperiment, IsNotChangedByCommandsThatGetARevision)
{
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"delete", "#1@1"}, {"edit", "#1@1", "--note", "n", "--seeds", "9"}}) {
        EXPECT_EQ(experiment(words), toInt(ExitCode::Usage)) << words[0];
        EXPECT_THAT(err.str(), HasSubstr("this command is about the whole experiment")) << words[0];
    }
    EXPECT_EQ(run({"matrix", "--experiment", "#1@1", "-w", w}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("this command is about the whole experiment"));
    const nlohmann::json after = shown();
    EXPECT_EQ(after["revision"], 2);
    EXPECT_EQ(after["note"], "");
}

TEST_F(NumberedExperiment, HasTheRevisionsThatItHas)
{
    for (const char* command : {"show", "run", "delete", "edit"}) {
        EXPECT_EQ(experiment({command, "#1@3"}), toInt(ExitCode::NotFound)) << command;
        EXPECT_THAT(err.str(), HasSubstr("pair has no revision 3.")) << command;
        EXPECT_EQ(experiment({command, "#1@2x"}), toInt(ExitCode::Usage)) << command;
        EXPECT_THAT(err.str(), HasSubstr("\"2x\" is no number of a revision.")) << command;
    }
    EXPECT_EQ(shown()["revision"], 2);
}

TEST_F(NumberedExperiment, IsNotMeantWhereOtherTextFollowsTheNumber)
{
    for (const std::string text : {"#1abc", "#1 ", "#1.0", "# 1", "#-1", "#", "#99999999999999999999"}) {
        for (const std::vector<std::string>& words :
             std::vector<std::vector<std::string>>{{"show", text},
                                                   {"delete", text},
                                                   {"edit", text, "--seeds", "9"},
                                                   {"run", text, "--queue"},
                                                   {"export", text, "--to", file},
                                                   {"diff", text, "pair"},
                                                   {"save", "b", "--from", text}}) {
            EXPECT_EQ(experiment(words), toInt(ExitCode::NotFound)) << words[0] << ' ' << text;
            EXPECT_THAT(err.str(), HasSubstr("There is no experiment " + text + " in ")) << words[0];
        }
        EXPECT_EQ(run({"matrix", "--experiment", text, "-w", w}), toInt(ExitCode::NotFound)) << text;
    }
    const nlohmann::json after = shown();
    EXPECT_EQ(after["revision"], 2);
    EXPECT_TRUE(after["runs"].empty());
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(NumberedExperiment, RunsModelsAndDataAreFoundByTheWholeTextToo)
{
    EXPECT_EQ(run({"show", "#1abc", "-w", w}), toInt(ExitCode::NotFound)) << "runs have no numbers";
    const std::string demo = test::sourceDir() + "/resources/demo";
    ASSERT_EQ(run({"models", "add", demo + "/student-llama", "--student", "-w", w}), 0) << err.str();
    ASSERT_EQ(run({"data", "add", demo + "/data/train.jsonl", "-w", w}), 0) << err.str();
    for (const char* family : {"models", "data"}) {
        ASSERT_EQ(run({family, "list", "--json", "-w", w}), 0) << err.str();
        const nlohmann::json before = json();
        ASSERT_FALSE(before.empty()) << family;
        const char* key = std::string(family) == "models" ? "model" : "data";
        const std::string number = "#" + std::to_string(before[0].at(key).get<int>());
        for (const char* behind : {"abc", "@1", " "}) {
            EXPECT_EQ(run({family, "forget", number + behind, "-w", w}), toInt(ExitCode::NotFound)) << number << behind;
        }
        ASSERT_EQ(run({family, "list", "--json", "-w", w}), 0) << err.str();
        EXPECT_EQ(json().size(), before.size()) << family;
        EXPECT_EQ(run({family, "forget", number, "-w", w}), 0) << err.str();
    }
}

} // namespace
} // namespace dskd::cli
