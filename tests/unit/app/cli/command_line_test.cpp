#include "app/cli/command_line.h"
#include "app/cli/terminal/progress.h"
#include "app/cli/workspace_access.h"
#include "core/base/process.h"
#include "core/metrics/metric_table.h"
#include "core/text/columns.h"
#include "core/text/numbers.h"
#include "tests/support/environment.h"
#include "tests/support/paths.h"
#include "tests/support/sample_checkpoint.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/unwritable.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <iomanip>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

class Cli : public testing::Test
{
protected:
    int run(std::vector<std::string> words)
    {
        out.str("");
        err.str("");
        Console console{out, err};
        console.width = 120;
        return runCommandLine(std::move(words), console);
    }
    nlohmann::json json() { return nlohmann::json::parse(out.str()); }

    std::ostringstream out;
    std::ostringstream err;
    test::TemporaryFolder folder;
};

class CliWithRuns : public Cli
{
protected:
    CliWithRuns()
    {
        auto workspace = store::WorkspaceDb::create(folder / "w").value();
        ids = test::fillSampleWorkspace(workspace, "", 50);
    }
    std::string w = folder / "w";
    std::vector<std::string> ids;
};

TEST_F(Cli, SuggestsTheCommandThatWasMeant)
{
    EXPECT_EQ(run({"comapre"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("Did you mean \"compare\"?"));
}

// Every command that the command line understands, with the words that call it: {"queue", "add"}.
std::vector<std::pair<std::vector<std::string>, CLI::App*>> commandsOf(CLI::App& app,
                                                                       const std::vector<std::string>& words = {})
{
    std::vector<std::pair<std::vector<std::string>, CLI::App*>> found;
    for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        std::vector<std::string> path = words;
        path.push_back(command->get_name());
        found.emplace_back(path, command);
        for (auto& inner : commandsOf(*command, path)) {
            found.push_back(std::move(inner));
        }
    }
    return found;
}

TEST_F(Cli, EveryCommandHasASummaryAnExampleAndJson)
{
    Console console{out, err};
    CommandLine line(console);
    const auto commands = commandsOf(line.app());
    ASSERT_GE(commands.size(), 26U) << "the walk misses some";
    for (const auto& [words, command] : commands) {
        std::string typed = "dskd";
        for (const std::string& word : words) {
            typed += " " + word;
        }
        EXPECT_FALSE(command->get_description().empty()) << typed;
        const bool family = command->get_require_subcommand_min() > 0;
        EXPECT_EQ(command->get_option_no_throw("--json") != nullptr, !family) << typed;
        for (const CLI::Option* option : command->get_options()) {
            EXPECT_FALSE(option->get_description().empty()) << typed << " " << option->get_name();
        }
        std::vector<std::string> help = words;
        help.push_back("--help");
        EXPECT_EQ(run(help), 0) << typed;
        EXPECT_THAT(out.str(), HasSubstr(command->get_description())) << typed;
        EXPECT_THAT(out.str(), HasSubstr("Example: " + typed)) << "an example must call the command that it is of";
    }
}

TEST_F(Cli, EveryExampleIsUnderstood)
{
    Console console{out, err};
    CommandLine all(console);
    for (const auto& [words, command] : commandsOf(all.app())) {
        std::string example = command->get_footer().substr(std::string("Example: dskd ").size());
        example = example.substr(0, example.find_first_of(">&")); // the rest is the shell's
        std::replace(example.begin(), example.end(), '\'', '"');
        std::istringstream text(example);
        std::vector<std::string> typed;
        for (std::string word; text >> std::quoted(word);) {
            typed.push_back(word);
        }
        CommandLine line(console);
        std::reverse(typed.begin(), typed.end());            // CLI11 takes them from the back
        EXPECT_NO_THROW(line.app().parse(typed)) << example; // understood; only CommandLine::run acts
    }
}

TEST_F(Cli, SaysHowToMakeAWorkspaceWhereThereIsNone)
{
    EXPECT_EQ(run({"runs", "-w", (folder / "none").string()}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("dskd init"));
}

TEST_F(Cli, FailsInJsonWhenJsonWasAskedFor)
{
    EXPECT_EQ(run({"runs", "--json", "-w", (folder / "none").string()}), toInt(ExitCode::NotFound));
    EXPECT_EQ(json()["error"]["exit_code"], toInt(ExitCode::NotFound));
    EXPECT_THAT(json()["error"]["what"].get<std::string>(), HasSubstr("none"));
    EXPECT_THAT(json()["error"]["hint"].get<std::string>(), HasSubstr("dskd init"));
    EXPECT_EQ(run({"runs", "--json", "--nonsense"}), toInt(ExitCode::Usage));
    EXPECT_EQ(json()["error"]["exit_code"], toInt(ExitCode::Usage));
    EXPECT_EQ(run({"nonsense", "--json"}), toInt(ExitCode::Usage));
    EXPECT_EQ(json()["error"]["exit_code"], toInt(ExitCode::Usage));
}

struct ThrowingOptions : CommonOptions {
    std::string what;
};
ExitCode throwIt(const ThrowingOptions& options, Console&)
{
    if (options.what == "error") {
        throw Error("The model is bad.", "Take another.", FailureKind::BadModel);
    }
    throw std::filesystem::filesystem_error("no room", std::make_error_code(std::errc::no_space_on_device));
}

TEST_F(Cli, WhateverACommandThrowsEndsInASentenceAndACode)
{
    const auto throwing = [&](const std::string& what) {
        out.str("");
        err.str("");
        Console console{out, err};
        CommandLine line(console);
        line.add<ThrowingOptions>(
            "throw", "Throws", "dskd throw error",
            [](CLI::App& command, ThrowingOptions& o) { command.add_option("what", o.what); }, throwIt);
        return line.run({"throw", what, "--json"});
    };
    EXPECT_EQ(throwing("error"), toInt(ExitCode::BadModel));
    EXPECT_EQ(err.str(), "The model is bad. Take another.\n");
    EXPECT_EQ(json(), nlohmann::json::parse(
                          R"({"error": {"what": "The model is bad.", "hint": "Take another.", "exit_code": 13}})"));
    EXPECT_EQ(throwing("exception"), toInt(ExitCode::Failed));
    EXPECT_THAT(err.str(), HasSubstr("dskd cannot go on: "));
    EXPECT_THAT(json()["error"]["what"].get<std::string>(), HasSubstr("no room"));
}

// What was typed, and what is said about it.
TEST_F(Cli, SaysInItsOwnWordsWhatItDoesNotUnderstand)
{
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{"runs", "--grop", "x"},
         "\"dskd runs\" has no option --grop. Did you mean \"--group\"? \"dskd runs --help\" shows what it takes."},
        {{"runs", "extra"}, "\"dskd runs\" does not take \"extra\"."},
        {{"export"}, "\"dskd export\" needs RUN: Id, its beginning"},
        {{"export", "last"}, "\"dskd export\" needs --to DIR: The folder to write."},
        {{"export", "last", "--to"}, "--to needs a value: --to DIR, The folder to write."},
        {{"export", "last", "--to", "x", "--step", "abc"}, "--step takes a whole number, not \"abc\"."},
        {{"runs", "--group", "a", "--group", "b"}, "--group was given 2 times"},
        {{"queue"}, "\"dskd queue\" needs one of: add, list, work, clear."},
        {{"queue", "lits"}, "There is no \"dskd queue lits\". Did you mean \"list\"?"},
        {{"queue", "add"},
         "\"dskd queue add\" needs CONFIG|RUN: Configuration files, or runs: their ids, names or group. \"dskd queue "
         "add --help\""},
    };
    for (const auto& [words, said] : cases) {
        EXPECT_EQ(run(words), toInt(ExitCode::Usage)) << said;
        EXPECT_THAT(err.str(), HasSubstr(said));
    }
}

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

TEST_F(Cli, ConfigRefusesASetThatNothingTakes)
{
    EXPECT_EQ(run({"config", "--set", "train.lr=1e-3"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("dskd config FILE --set"));
}

TEST_F(Cli, ConfigSaysWhatTheChoicesOfAFieldMean)
{
    EXPECT_EQ(run({"config", "--filter", "method.space"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("\n    Where the distributions are compared.\n"));
    EXPECT_THAT(out.str(), HasSubstr("\n    dual: Both of the projected spaces.\n"));
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

TEST_F(CliWithRuns, ListsRunsAsJson)
{
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    ASSERT_EQ(json().size(), ids.size());
    EXPECT_EQ(json()[0]["status"], "done");
    EXPECT_EQ(json()[0]["objective"], "sft");
    EXPECT_EQ(json()[0]["method"], "sft");
}

TEST_F(CliWithRuns, TheLastTrainedRunIsNoAnswerSince)
{
    auto workspace = store::WorkspaceDb::open(w).value();
    store::RunRow answers = workspace.run(ids.back()).value();
    Console console{out, err};
    test::writeSampleCheckpoint(workspace.layout().run(ids.front()), 10);
    const std::string trained = findTrainedRun(workspace, "last", console).value();
    EXPECT_EQ(trained, ids.front()) << "the only one with a checkpoint";
    EXPECT_THAT(err.str(), HasSubstr(ids.back() + " has no finished checkpoint (done: "));
    answers.id = "99991231-235959-generate-s10";
    answers.job = "generate";
    ASSERT_TRUE(workspace.addRun(answers));
    EXPECT_EQ(workspace.findRun("last").value(), answers.id);
    EXPECT_EQ(findTrainedRun(workspace, "last", console).value(), trained);
    EXPECT_EQ(run({"export", "last", "--to", folder / "taken", "-w", w}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("Step 10 of " + trained));
}

TEST_F(Cli, SaysThatNothingHasTrainedYet)
{
    const std::string w = folder / "empty";
    ASSERT_EQ(run({"init", w}), 0);
    EXPECT_EQ(run({"export", "last", "--to", folder / "taken", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("There is no training run yet"));
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
}

// Root goes on as another user here, who may read everything and write only what `elsewhere` names.
TEST_F(CliWithRuns, ReadsAWorkspaceThatCannotBeWritten)
{
    const WorkspaceLayout layout{w};
    test::writeSampleCheckpoint(layout.run(ids[0]), 50);
    const test::TemporaryFolder elsewhere;
    std::filesystem::permissions(elsewhere.path(), std::filesystem::perms::all);
    const test::Unwritable readOnly(folder.path());
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    ASSERT_EQ(json().size(), ids.size());
    EXPECT_EQ(json()[0]["status"], "done");
    EXPECT_TRUE(json()[0]["loss"].is_number());
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("The workspace is only read."), HasSubstr("You may not write")));
    EXPECT_EQ(run({"show", ids[0], "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["status"], "done");
    EXPECT_EQ(run({"metrics", ids[0], "-w", w, "--name", "loss", "--csv"}), 0);
    EXPECT_EQ(run({"compare", ids[0], ids[1], "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["left_out"].size(), 0U);
    EXPECT_EQ(run({"report", "-w", w, "--to", elsewhere / "report.html"}), 0);
    EXPECT_TRUE(std::filesystem::exists(elsewhere / "report.html"));
    EXPECT_EQ(run({"report", "-w", w, "--to", elsewhere / "report.html"}), 0) << "a report replaces a report";
    std::ofstream(elsewhere / "thesis.html") << "<!doctype html><title>Thesis</title>";
    EXPECT_EQ(run({"report", "-w", w, "--to", elsewhere / "thesis.html"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("is no report of this program"));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("Name another file."), testing::Not(HasSubstr("--force"))));
    EXPECT_EQ(run({"report", "-w", w, "--to", elsewhere / "thesis.html", "--force"}), toInt(ExitCode::Usage));
    std::ifstream thesis(elsewhere / "thesis.html");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(thesis), {}), "<!doctype html><title>Thesis</title>");
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", elsewhere / "student"}), 0);
    EXPECT_TRUE(std::filesystem::exists(elsewhere.path() / "student" / "model.safetensors"));
    EXPECT_EQ(run({"report", "-w", w}), toInt(ExitCode::Failed));
    EXPECT_THAT(err.str(), HasSubstr("--to"));
    EXPECT_EQ(run({"delete", ids[0], "-w", w}), toInt(ExitCode::Failed));
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), ids.size()) << "nothing has changed";
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
    EXPECT_THAT(err.str(), HasSubstr("Left out: " + ids[0]));
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

TEST_F(CliWithRuns, DeletesForGoodByTheNameThatARunInTheTrashHas)
{
    auto workspace = store::WorkspaceDb::open(w).value();
    ASSERT_TRUE(workspace.rename(ids[0], "mine"));
    ASSERT_TRUE(workspace.rename(ids[1], "twins"));
    ASSERT_TRUE(workspace.rename(ids[2], "twins"));
    EXPECT_EQ(run({"delete", "mine", "-w", w}), 0);
    EXPECT_EQ(run({"show", "mine", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("is in the trash"));
    EXPECT_EQ(run({"restore", "mine", "-w", w}), 0);
    EXPECT_EQ(run({"show", "mine", "-w", w}), 0);
    EXPECT_EQ(run({"delete", "mine", "-w", w}), 0);
    EXPECT_EQ(run({"delete", "mine", "--purge", "-w", w}), 0);
    EXPECT_FALSE(workspace.run(ids[0]));
    EXPECT_FALSE(std::filesystem::exists(workspace.layout().trash() / ids[0]));

    EXPECT_EQ(run({"delete", ids[1], ids[2], "-w", w}), 0);
    EXPECT_EQ(run({"delete", "twins", "--purge", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr(ids[1]), HasSubstr(ids[2])));
    EXPECT_EQ(run({"delete", ids[1].substr(0, ids[1].size() - 1), "--purge", "-w", w}), toInt(ExitCode::NotFound))
        << "the beginning of an id deletes nothing for good out of the trash";
    EXPECT_TRUE(workspace.run(ids[1]));
}

TEST_F(CliWithRuns, DeletesAndRestoresGroups)
{
    EXPECT_EQ(run({"delete", ids[0], "no such", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), ids.size()) << "all are found before the first is moved";
    auto workspace = store::WorkspaceDb::open(w).value();
    ASSERT_TRUE(workspace.setGroup(ids[0], "mine"));
    ASSERT_TRUE(workspace.setGroup(ids[1], "mine"));
    const auto both = nlohmann::json::array({ids[0], ids[1]});
    for (const char* word : {"mine", "group:mine"}) {
        EXPECT_EQ(run({"delete", word, "-w", w, "--json"}), 0) << err.str();
        ASSERT_EQ(json().size(), 2U);
        EXPECT_EQ(workspace.runs(true).size(), 2U);
        EXPECT_EQ(run({"restore", word, "-w", w, "--json"}), 0) << err.str();
        EXPECT_EQ(json()["restored"], both);
    }
    EXPECT_EQ(run({"restore", "group:mine", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("No run in the trash belongs to a group called \"mine\""));

    EXPECT_EQ(run({"delete", "mine", "-w", w}), 0);
    ASSERT_TRUE(workspace.rename(ids[2], "mine")); // a run in use comes before a group in the trash
    EXPECT_EQ(run({"delete", "mine", "-w", w, "--json"}), 0);
    EXPECT_EQ(json()[0]["run"], ids[2]);
    EXPECT_EQ(run({"delete", "group:mine", "--purge", "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(json().size(), 2U);
    EXPECT_FALSE(workspace.run(ids[0]));
    EXPECT_FALSE(workspace.run(ids[1]));
    EXPECT_TRUE(workspace.run(ids[2])) << "is called so, and of another group";
}

TEST_F(CliWithRuns, MakesAWorkspaceAnewFromItsRuns)
{
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    const nlohmann::json before = json();
    std::filesystem::remove(WorkspaceLayout{w}.database());
    EXPECT_EQ(run({"runs", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_EQ(run({"doctor", "--repair", "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["repaired"].size(), ids.size());
    EXPECT_EQ(json()["left"].size(), 0U);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    std::map<std::string, nlohmann::json> again;
    for (const nlohmann::json& row : json()) {
        again[row["run"]] = row;
    }
    ASSERT_EQ(again.size(), ids.size());
    for (const nlohmann::json& row : before) {
        for (const char* key : {"method", "seed", "status", "step", "loss"}) {
            EXPECT_EQ(again[row["run"]][key], row[key]) << key;
        }
    }
    EXPECT_EQ(run({"doctor", "--repair", "-w", w}), 0);
    EXPECT_THAT(out.str(), HasSubstr("The workspace is in order."));
}

TEST_F(CliWithRuns, SaysWhereRunsLieWithoutTheirWorkspaceDb)
{
    const test::EnvironmentVariable unset("DSKD_WORKSPACE", std::nullopt);
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::remove(WorkspaceLayout{w}.database());
    std::filesystem::create_directories(folder / "w/data");
    std::filesystem::current_path(folder / "w/data");
    const int inside = run({"runs"});
    std::filesystem::current_path(before);
    EXPECT_EQ(inside, toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("dskd doctor --repair -w " + w), testing::Not(HasSubstr("init"))));
    EXPECT_EQ(run({"init", w}), 0);
    EXPECT_THAT(out.str(), testing::AllOf(HasSubstr("lie there already: " + std::to_string(ids.size()) + "."),
                                          HasSubstr("dskd doctor --repair -w " + w)));
    EXPECT_EQ(run({"init", folder / "fresh"}), 0);
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("--repair")));
}

TEST_F(CliWithRuns, SaysHowToReplaceADamagedWorkspaceDb)
{
    std::filesystem::remove(WorkspaceLayout{w}.database());
    std::ofstream(WorkspaceLayout{w}.database()) << std::string(5000, 'x');
    const auto says = testing::AllOf(HasSubstr("not a database"), HasSubstr("move it away"),
                                     HasSubstr("dskd doctor --repair -w " + w));
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"runs"}, {"show", ids[0]}, {"queue", "list"}, {"doctor", "--repair"}}) {
        std::vector<std::string> typed = words;
        typed.insert(typed.end(), {"-w", w});
        EXPECT_NE(run(typed), 0) << words.front();
        EXPECT_THAT(err.str(), says) << words.front();
    }
    EXPECT_EQ(run({"doctor", "-w", w, "--json"}), toInt(ExitCode::Failed));
    bool found = false;
    const nlohmann::json doctor = json();
    for (const nlohmann::json& finding : doctor["findings"]) {
        if (finding["topic"] == "workspace") {
            found = true;
            EXPECT_NE(finding["state"], "ok");
            EXPECT_THAT(finding["sentence"].get<std::string>() + " " + finding["remedy"].get<std::string>(), says);
        }
    }
    EXPECT_TRUE(found);
}

TEST_F(CliWithRuns, ARepairNamesTheRunWhoseDatabaseCannotBeRead)
{
    const std::filesystem::path file = WorkspaceLayout{w}.run(ids[1]).database();
    std::filesystem::remove(file);
    std::ofstream(file) << std::string(5000, 'x');
    EXPECT_EQ(run({"doctor", "--repair", "-w", w, "--json"}), 0);
    ASSERT_EQ(json()["left"].size(), 1U);
    EXPECT_THAT(json()["left"][0].get<std::string>(),
                testing::AllOf(HasSubstr(ids[1] + ": "), HasSubstr("not a database")));
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
}

TEST_F(CliWithRuns, TakesTheBareNameOfAGroupWhereNoRunIsCalledSo)
{
    EXPECT_EQ(run({"compare", "demo", "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["groups"].size(), 5U);
    EXPECT_EQ(run({"compare", "no such group", "-w", w}), toInt(ExitCode::NotFound));
}

TEST_F(CliWithRuns, NamesTheLastRunAndItsStateWhereNoneCanBeUsed)
{
    EXPECT_EQ(run({"export", "last", "--to", folder / "taken", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr(ids.back() + " has no finished checkpoint (done: "));
}

TEST_F(CliWithRuns, AdvisesForceWhereItWorksAndNowhereElse)
{
    test::writeSampleCheckpoint(WorkspaceLayout{w}.run(ids[0]), 10);
    const std::string to = folder / "student";
    std::filesystem::create_directories(to);
    std::ofstream(to + "/notes.txt") << "mine";
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", to}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("holds other things than a model"), HasSubstr("another folder"),
                                          testing::Not(HasSubstr("--force"))));
    const std::string other = folder / "other";
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", other}), 0) << err.str();
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", other}), toInt(ExitCode::Failed));
    EXPECT_THAT(err.str(), HasSubstr("--force"));
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", other, "--force"}), 0) << err.str();
}

TEST_F(CliWithRuns, RefusesEmptyValues)
{
    const auto refused = [&](const std::vector<std::string>& words, const std::string& what) {
        EXPECT_EQ(run(words), toInt(ExitCode::Usage)) << what;
        EXPECT_THAT(err.str(), HasSubstr(what + " is empty"));
    };
    refused({"export", ids[0], "-w", w, "--to", ""}, "--to DIR");
    refused({"report", "-w", w, "--to", ""}, "--to FILE");
    refused({"init", ""}, "DIR");
    refused({"runs", "-w", ""}, "--workspace DIR");
    refused({"show", "", "-w", w}, "RUN");
    EXPECT_EQ(run({"runs", "--group", "", "-w", w}), 0) << "a text may be empty: " << err.str();
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

TEST_F(CliWithRuns, NeverExportsOverAWorkspace)
{
    test::writeSampleCheckpoint(WorkspaceLayout{w}.run(ids[0]), 10);
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", w, "--force"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr(w + " is a workspace"));
    EXPECT_FALSE(std::filesystem::exists(w + "/model.safetensors"));
}

TEST_F(CliWithRuns, ReadsAWorkspaceWhereItMayNotWrite)
{
    std::filesystem::permissions(folder.path(),
                                 std::filesystem::perms::group_exec | std::filesystem::perms::others_exec,
                                 std::filesystem::perm_options::add);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    const auto before = json();
    const test::Unwritable kept(w);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(json(), before);
    EXPECT_EQ(run({"compare", "demo", "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(run({"delete", ids[0], "-w", w}), toInt(ExitCode::Failed));
}

TEST_F(CliWithRuns, SaysWhyAWorkspaceMayNotBeRead)
{
    namespace fs = std::filesystem;
    fs::permissions(folder.path(), fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add);
    const auto refused = [&](const fs::path& closed) {
        const fs::perms before = fs::status(closed).permissions();
        fs::permissions(closed, fs::perms::none);
        {
            const test::NotRoot user;
            EXPECT_EQ(run({"runs", "-w", w}), toInt(ExitCode::Failed)) << closed;
        }
        fs::permissions(closed, before);
        EXPECT_THAT(err.str(),
                    testing::AllOf(HasSubstr(w), HasSubstr("workspace.db cannot be read: Permission denied"),
                                   testing::Not(HasSubstr("no workspace")), testing::Not(HasSubstr("dskd init"))));
    };
    refused(w);
    refused(WorkspaceLayout{w}.database());
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

TEST_F(CliWithRuns, RefusesToExportWhatIsNotThere)
{
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", (folder / "out").string()}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("no finished checkpoint"));
}

TEST_F(CliWithRuns, DeletesIntoTheTrashAndRestores)
{
    EXPECT_EQ(run({"delete", ids[0], "-w", w}), 0);
    EXPECT_EQ(run({"runs", "--trash", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), 1U);
    EXPECT_EQ(run({"restore", ids[0], "-w", w}), 0);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), ids.size());
    EXPECT_EQ(run({"restore", ids[0], "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("There is no run " + ids[0] + " in " + w + "/trash"));
}

TEST_F(CliWithRuns, RestoresByNameAndWhatWentToTheTrashLast)
{
    auto workspace = store::WorkspaceDb::open(w).value();
    ASSERT_TRUE(workspace.rename(ids[1], "the second"));
    EXPECT_EQ(run({"delete", ids[1], ids[0], "-w", w}), 0);
    ASSERT_TRUE(workspace.setTrashed(ids[1], 1.0)); // long before the other
    EXPECT_EQ(run({"restore", "last", "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(json()["restored"], nlohmann::json::array({ids[0]}));
    EXPECT_EQ(run({"restore", "the second", "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(json()["restored"], nlohmann::json::array({ids[1]}));
    EXPECT_EQ(run({"restore", "last", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("The trash is empty"));
}

TEST(ProgressLine, FitsAnyWidthAndStaysAsciiWithoutUtf8)
{
    std::ostringstream sink;
    Console console{sink, sink};
    const ProgressFacts facts{"dual · kl", jobs::Status::Running, "training", 412, 600, 2.713, 18234.0, 100.0};
    for (const int width : {40, 80, 200}) {
        console.width = width;
        EXPECT_LT(text::displayWidth(progressLine(facts, console)), width);
    }
    EXPECT_THAT(progressLine(facts, console), HasSubstr("412/600  loss 2.713  18.2k tok/s  eta 1 m 40 s"));
}

TEST(ProgressLine, CutsNeitherStepNorLossNorTheTimeThatIsLeft)
{
    std::ostringstream sink;
    Console console{sink, sink};
    const ProgressFacts facts{
        "20261123-051200-dskd-cma-rkl-s10", jobs::Status::Stalled, "training", 41234, 60000, 2.71345, 18234.0, 12345.0};
    for (const bool utf8 : {false, true}) {
        console.utf8 = utf8;
        for (const int width : {60, 80, 100, 120}) {
            console.width = width;
            const std::string line = progressLine(facts, console);
            EXPECT_LT(text::displayWidth(line), width);
            EXPECT_THAT(line, HasSubstr(" 41234/60000  stalled  loss " + text::number(*facts.loss))) << width;
            EXPECT_TRUE(line.ends_with("  eta " + text::duration(*facts.secondsLeft))) << line;
        }
    }
    EXPECT_THAT(progressLine(facts, console), testing::AllOf(HasSubstr("█"), HasSubstr("tok/s")))
        << "where there is room";
}

TEST(ProgressLine, SaysNoRemainingTimeOfARunThatHasEnded)
{
    std::ostringstream sink;
    Console console{sink, sink};
    console.width = 120;
    ProgressFacts facts{"dual", jobs::Status::Running, "training", 412, 600, 2.713, 18234.0, 100.0};
    const std::string left = text::duration(*facts.secondsLeft);
    EXPECT_THAT(progressLine(facts, console), HasSubstr(left));
    for (const jobs::Status ended : {jobs::Status::Failed, jobs::Status::Stopped, jobs::Status::Crashed}) {
        facts.status = ended;
        EXPECT_THAT(progressLine(facts, console), testing::Not(HasSubstr(left)));
    }
}

// The real program, as a script sees it.
TEST(Program, ReturnsTheDocumentedExitCodes)
{
    const auto code = [](const std::string& words) {
        const int state = std::system((test::program("dskd") + " " + words + " >/dev/null 2>&1").c_str());
        return WEXITSTATUS(state);
    };
    EXPECT_EQ(code("--version"), 0);
    EXPECT_EQ(code("no-such-command"), toInt(ExitCode::Usage));
    EXPECT_EQ(code("run"), toInt(ExitCode::Usage));
    EXPECT_EQ(code("runs -w /no/such/folder"), toInt(ExitCode::NotFound));
    EXPECT_EQ(code("config --filter no_such_field"), toInt(ExitCode::NotFound));
}

} // namespace
} // namespace dskd::cli
