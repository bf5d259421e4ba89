#pragma once

// `dskd <command> …`: from words to a call of the command, and the one place where its failures end.
//
// A command is one file in commands/: its options, its action and its words. commands/commands.h declares the function
// that adds it, kAdders of command_line.cpp calls it. An action returns an exit code of core/base/exit_codes.h, or
// throws: Error for what a person can mend, of a kind that decides the exit code.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"
#include "core/base/exit_codes.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace dskd::cli
{

// The command line with all commands. Single-threaded.
class CommandLine
{
public:
    explicit CommandLine(Console& console);

    // Adds a command. `setUp` binds the options, which live as long as the command line, to words; `action` gets them
    // once the words were understood. Every command has --json and -w.
    template <typename Options>
    void add(const std::string& name, const std::string& summary, const std::string& example,
             void (*setUp)(CLI::App&, Options&), ExitCode (*action)(const Options&, Console&))
    {
        addTo<Options>(&m_app, name, summary, example, setUp, action);
    }

    // A command that only holds others ("queue"), and a command inside it.
    CLI::App* addFamily(const std::string& name, const std::string& summary, const std::string& example);
    template <typename Options>
    void addTo(CLI::App* parent, const std::string& name, const std::string& summary, const std::string& example,
               void (*setUp)(CLI::App&, Options&), ExitCode (*action)(const Options&, Console&))
    {
        static_assert(std::is_base_of_v<CommonOptions, Options>);
        auto options = std::make_shared<Options>();
        CLI::App* command = addCommand(parent, name, summary, example);
        setUp(*command, *options);
        command->add_flag("--json", options->json, "Print JSON");
        command->callback([this, options, action] {
            options->workspace = m_workspace;
            m_json = options->json;
            m_action = [this, options, action] { return action(*options, m_console); };
        });
    }

    // What it understands, for tests that look at every command.
    [[nodiscard]] CLI::App& app() { return m_app; }

    // Understands `words` (without the program's name), runs the command and returns its exit code. Whatever is thrown
    // on the way is explained on err and, with --json, as {"error":{"what":…,"hint":…,"exit_code":…}} on out.
    int run(const std::vector<std::string>& words);

private:
    static CLI::App* addCommand(CLI::App* parent, const std::string& name, const std::string& summary,
                                const std::string& example);
    ExitCode understandAndRun(const std::vector<std::string>& words);
    // Throws when the first word that is no option is no command.
    void checkCommand(const std::vector<std::string>& words) const;
    [[nodiscard]] ExitCode explain(const Failure& failure) const;

    Console& m_console;
    CLI::App m_app;
    std::string m_workspace;
    bool m_json = false;
    std::function<ExitCode()> m_action; // of the command that was understood
};

// Everything `dskd` can do.
int runCommandLine(const std::vector<std::string>& words, Console& console);

} // namespace dskd::cli
