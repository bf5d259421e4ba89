#include "tests/support/paths.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <string>
#include <sys/wait.h>
#include <system_error>
#include <utility>
#include <vector>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

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
        {{"ask", "x", "--temperature", "-1"}, "--temperature: must be a number >= 0, not -1."},
        {{"ask", "x", "--temperature", "nan"}, "--temperature: must be a number >= 0, not nan."},
        {{"ask", "x", "--temperature", "1e999"}, "--temperature: must be a number >= 0, not 1e999."},
        {{"ask", "x", "--top-p", "1" + std::string(308, '0')},
         "--top-p: must be a number >= 1e-06 and <= 1, not 1e+308."},
        {{"ask", "x", "--top-k", "010"}, "--top-k: must be a decimal number without zeros before it, not 010."},
        {{"ask", "x", "--max-tokens", "0"}, "--max-tokens: must be a number >= 1, not 0."},
        {{"ask", "x", "--max-tokens", "many"}, "--max-tokens takes a whole number, not \"many\"."},
        {{"tokenize", "--limit", "-1"}, "--limit: must be a number >= 0, not -1."},
        {{"runs", "--group", "a", "--group", "b"}, "--group was given 2 times"},
        {{"queue"}, "\"dskd queue\" needs one of: add, list, work, pause, continue, on-failure, move, clear."},
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
