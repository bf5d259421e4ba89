#include "tests/support/paths.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

// A configuration that is not there, and one that names what is not there.
TEST_F(Cli, MakesNoRunOfWhatIsNotThere)
{
    const std::string w = folder / "w";
    ASSERT_EQ(run({"init", w}), 0);
    const std::string none = folder / "missing.json";
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"run", none, "-w", w}, {"config", none}, {"check", none}, {"sweep", none, "-w", w}}) {
        EXPECT_EQ(run(words), toInt(ExitCode::NotFound)) << words.front();
        EXPECT_THAT(err.str(), HasSubstr(none));
    }
    const std::string config = test::sourceDir() + "/experiments/demo/cma.json";
    const std::string student = "student.model=" + (folder / "no_student").string();
    const std::string data = "data.train=" + (folder / "no_data.jsonl").string();
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"run", config}, {"queue", "add", config}, {"sweep", config, "--seeds", "1,2", "--queue"}}) {
        std::vector<std::string> typed = words;
        typed.insert(typed.end(), {"--set", student, "--set", data, "-w", w});
        EXPECT_EQ(run(typed), toInt(ExitCode::NotFound)) << words.front();
        EXPECT_THAT(err.str(), HasSubstr("student.model names " + (folder / "no_student").string()));
        EXPECT_THAT(err.str(), HasSubstr("data.train names " + (folder / "no_data.jsonl").string()));
    }
    EXPECT_EQ(run({"run", config, "--set", "student.model=" + folder.path().string(), "-w", w}),
              toInt(ExitCode::BadModel));
    EXPECT_EQ(run({"run", config, "--set", "data.train=" + folder.path().string(), "-w", w}), toInt(ExitCode::BadData));
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json(), nlohmann::json::array());
}

TEST_F(Cli, ConfigRefusesASetThatNothingTakes)
{
    EXPECT_EQ(run({"config", "--set", "train.lr=1e-3"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("dskd config FILE --set"));
}

TEST_F(Cli, ConfigSaysWhatTheChoicesOfAFieldMean)
{
    EXPECT_EQ(run({"config", "--filter", "method.space"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("\n    Where the distributions are compared.\n"));
    EXPECT_THAT(out.str(), HasSubstr("\n    dual           Both of the projected spaces.\n"));
}

TEST_F(Cli, FiltersTheFieldsOfAConfigurationToo)
{
    const std::string cma = test::sourceDir() + "/experiments/demo/cma.json";
    EXPECT_EQ(run({"config", cma, "--set", "train.lr=0.5", "--filter", "train.lr"}), 0);
    EXPECT_THAT(out.str(), testing::AllOf(HasSubstr("train.lr = 0.5\n"), testing::Not(HasSubstr("method."))));
    EXPECT_EQ(run({"config", cma, "--set", "train.lr=0.5", "--filter", "train.lr", "--json"}), 0);
    EXPECT_EQ(json()["train.lr"], 0.5);
    EXPECT_FALSE(json().contains("method.space"));
    EXPECT_EQ(run({"config", cma, "--filter", "no_such_field"}), toInt(ExitCode::NotFound));
}

TEST_F(Cli, ListsTheSamplesThatARunMayRecordByTheirLines)
{
    const std::string cma = test::sourceDir() + "/experiments/demo/cma.json";
    const std::string file = folder / "few.jsonl";
    std::ofstream(file) << R"({"instruction": "Count.", "output": "one"})"
                        << "\n\n"
                        << R"({"instruction": "Name a town.", "output": "Paris"})" << '\n';
    const std::string set = "data.validation=" + file;
    EXPECT_EQ(run({"data", "samples", cma, "--set", set, "--containing", "paris", "--json"}), 0);
    EXPECT_EQ(json()["matching"], 1);
    EXPECT_EQ(json()["of"], 2);
    EXPECT_EQ(json()["samples"][0]["line"], 3);
    EXPECT_EQ(json()["samples"][0]["answer"], "Paris");
    EXPECT_EQ(run({"data", "samples", cma, "--set", set, "--first", "1"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("Count."));
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("Paris")));
    EXPECT_THAT(out.str(), HasSubstr("1 of 2 samples in " + file));
    EXPECT_THAT(out.str(), HasSubstr("log.probe_lines="));
    EXPECT_EQ(run({"data", "samples", cma, "--set", "data.validation=" + (folder / "none.jsonl").string()}),
              toInt(ExitCode::BadData));
    EXPECT_EQ(run({"config", cma, "--set", "log.probe_lines=3,17", "--filter", "log.probe_lines", "--json"}), 0);
    EXPECT_EQ(json()["log.probe_lines"], "3,17");
}

TEST_F(Cli, CheckSaysWhatFitsAndWhatWouldCureWhatDoesNot)
{
    const std::string cma = test::sourceDir() + "/experiments/demo/cma.json";
    EXPECT_EQ(run({"check", cma, "--json"}), 0);
    EXPECT_TRUE(json()["fits"]);
    EXPECT_EQ(run({"check", cma, "--set", "method.alignment=none", "--json"}), toInt(ExitCode::Usage));
    EXPECT_THAT(json().dump(), HasSubstr(R"("method.alignment":"cma")"));
    EXPECT_EQ(run({"check", cma, "--set", "student.model=/nonexistent"}), toInt(ExitCode::Usage));
    EXPECT_THAT(out.str(), HasSubstr("/nonexistent"));
}

TEST_F(Cli, PreparesTheDemoOnceAndLeavesItQueued)
{
    const std::string w = folder / "demo";
    EXPECT_EQ(run({"demo", "--prepare", "--quick", "-w", w, "--json"}), 0);
    const auto first = json();
    EXPECT_GE(first["queued"], 4); // the trio and the run across tokenizers
    EXPECT_EQ(run({"queue", "list", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), first["runs"].size());
    EXPECT_EQ(run({"demo", "--prepare", "--quick", "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["runs"], first["runs"]) << "a second call must not make the runs again";
}

TEST_F(CliWithRuns, AConfigurationIsARegularFile)
{
    const std::string place = folder.path().string();
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"config", place}, {"experiment", "save", "a", place, "-w", w}}) {
        EXPECT_EQ(run(command), toInt(ExitCode::Usage)) << command.front();
        EXPECT_THAT(err.str(), HasSubstr(place + " is a folder, not a file."));
    }
}

} // namespace
} // namespace dskd::cli
