#include "core/base/process.h"
#include "tests/support/environment.h"
#include "tests/support/paths.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <string>
#include <unistd.h>
#include <vector>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

TEST_F(Cli, SaysHowToMakeAWorkspaceWhereThereIsNone)
{
    EXPECT_EQ(run({"runs", "-w", (folder / "none").string()}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("dskd init"));
}

TEST_F(Cli, InitMakesAWorkspaceAndKeepsAnExistingOne)
{
    const std::string w = folder / "w";
    EXPECT_EQ(run({"init", w, "--json"}), 0);
    EXPECT_TRUE(json()["created"]);
    EXPECT_EQ(run({"init", w, "--json"}), 0);
    EXPECT_FALSE(json()["created"]);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json(), nlohmann::json::array());
}

TEST_F(Cli, InitWritesAnExampleThatFitsAndStaysInItsFolder)
{
    const std::string w = folder / "my experiments";
    ASSERT_EQ(run({"init", "--example", w}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("data student-gpt2 teacher example.json\n"));
    EXPECT_THAT(out.str(), HasSubstr("cd '" + w + "'\n    dskd check example.json\n    dskd run example.json\n"));
    const std::string file = w + "/example.json";
    EXPECT_EQ(run({"config", file, "--json"}), 0) << err.str();
    const std::string config = out.str();
    for (const char* name : {"teacher", "student-gpt2", "data/train.jsonl", "data/validation.jsonl"}) {
        EXPECT_THAT(config, HasSubstr('"' + w + '/' + name + '"'));
    }
    EXPECT_THAT(config, testing::Not(HasSubstr(test::sourceDir())));
    EXPECT_EQ(run({"check", file, "--json"}), 0) << out.str();
    EXPECT_EQ(run({"sweep", file, "--grid", "method=vanilla,dskd", "--dry-run", "-w", w}), 0) << err.str();
}

TEST_F(Cli, InitNeverMixesTheExampleWithWhatIsThere)
{
    const std::string w = folder / "w";
    ASSERT_EQ(run({"init", w}), 0);
    EXPECT_FALSE(std::filesystem::exists(w + "/example.json"));
    ASSERT_EQ(run({"init", "--example", w, "--json"}), 0) << "a workspace takes the example later as well";
    EXPECT_FALSE(json()["created"]);
    EXPECT_EQ(json()["example"].back(), "example.json");
    std::filesystem::remove(w + "/example.json");
    EXPECT_EQ(run({"init", "--example", w}), 0) << "what an interrupted copy left is completed";
    EXPECT_TRUE(std::filesystem::exists(w + "/example.json"));
    std::filesystem::remove(w + "/example.json");
    std::ofstream(w + "/data/train.jsonl") << "{\"prompt\": \"mine\", \"response\": \"yes\"}\n";
    EXPECT_EQ(run({"init", "--example", w}), toInt(ExitCode::Failed));
    EXPECT_THAT(err.str(), HasSubstr(w + "/data exists already"));
    EXPECT_FALSE(std::filesystem::exists(w + "/example.json"));

    const std::string other = folder / "other";
    std::filesystem::create_directories(other + "/teacher");
    EXPECT_EQ(run({"init", "--example", other}), toInt(ExitCode::Failed));
    EXPECT_THAT(err.str(), HasSubstr(other + "/teacher exists already"));
    EXPECT_FALSE(std::filesystem::exists(other + "/workspace.db"));
    const test::EnvironmentVariable demo("DSKD_DEMO", folder / "nowhere");
    EXPECT_EQ(run({"init", "--example", folder / "third"}), toInt(ExitCode::NotFound));
    EXPECT_FALSE(std::filesystem::exists(folder / "third"));
}

TEST_F(Cli, RemovesWhatAKilledInitLeftOfTheExample)
{
    const std::string w = folder / "w";
    std::filesystem::create_directory(w);
    const std::string host = thisProcess().host;
    const std::string gone = "2147483646"; // more than Linux gives
    const std::string alive = std::to_string(::getppid());
    const auto leftovers = [&](const std::string& process) {
        return std::vector<std::string>{w + "/.example.json.part-" + host + "-" + process,
                                        w + "/.data.part-" + host + "-" + process + "-0"};
    };
    for (const std::string& process : {gone, alive}) {
        std::ofstream(leftovers(process)[0]) << "{";
        std::filesystem::create_directory(leftovers(process)[1]);
    }
    EXPECT_EQ(run({"init", "--example", w}), 0) << err.str();
    for (const std::string& path : leftovers(gone)) {
        EXPECT_FALSE(std::filesystem::exists(path)) << path;
    }
    for (const std::string& path : leftovers(alive)) {
        EXPECT_TRUE(std::filesystem::exists(path)) << path << " is still being written";
    }
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(test::sourceDir() + "/resources/demo/data")) {
        const auto copy = w + "/data/" + entry.path().filename().string();
        EXPECT_EQ(std::filesystem::file_size(copy), entry.file_size()) << copy;
    }
}

} // namespace
} // namespace dskd::cli
