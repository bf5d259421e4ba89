#pragma once

// `dskd <command> …`: from words to a call of the command.
//
// A command consists of
//   <name>_command.h/.cpp   struct XOptions and int runX(const XOptions&, …): what it does; knows nothing of CLI11
//   …_arguments.cpp         one add function per command: its words, its help with an example, its --json
// and one line in kAdders of command_line.cpp. A command returns an exit code of core/base/exit_codes.h.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace dskd::cli
{

// The command line while it is being put together. Single-threaded.
class CommandLine
{
public:
    explicit CommandLine(Console& console);

    [[nodiscard]] Console& console() { return m_console; }

    // Adds a command. `setUp` binds the options, which live as long as the command line, to words; `action` gets them
    // once the words were understood and returns the exit code. Options derived from CommonOptions get --json and -w.
    template <typename Options>
    void add(const std::string& name, const std::string& summary, const std::string& example,
             const std::function<void(CLI::App&, Options&)>& setUp, std::function<int(const Options&)> action)
    {
        addTo<Options>(&m_app, name, summary, example, setUp, std::move(action));
    }

    // A command that only holds others ("queue"), and a command inside it.
    CLI::App* addFamily(const std::string& name, const std::string& summary, const std::string& example);
    template <typename Options>
    void addTo(CLI::App* parent, const std::string& name, const std::string& summary, const std::string& example,
               const std::function<void(CLI::App&, Options&)>& setUp, std::function<int(const Options&)> action)
    {
        auto options = std::make_shared<Options>();
        CLI::App* command = addCommand(parent, name, summary, example);
        setUp(*command, *options);
        if constexpr (std::is_base_of_v<CommonOptions, Options>) {
            command->add_flag("--json", options->json, "Print JSON");
        }
        command->callback([this, options, action = std::move(action)] {
            if constexpr (std::is_base_of_v<CommonOptions, Options>) {
                options->workspace = m_workspace;
            }
            m_exitCode = action(*options);
        });
    }

    // Understands `words` (without the program's name), runs the command and returns its exit code.
    int run(std::vector<std::string> words);

private:
    CLI::App* addCommand(CLI::App* parent, const std::string& name, const std::string& summary,
                         const std::string& example);
    // Why the first word that is no option is no command; empty when it is one.
    [[nodiscard]] std::string unknownCommand(const std::vector<std::string>& words) const;

    Console& m_console;
    CLI::App m_app;
    std::string m_workspace;
    int m_exitCode = 0;
};

// Everything `dskd` can do.
int runCommandLine(std::vector<std::string> words, Console& console);

// From the arguments files: each adds one family of commands.
void addRunCommands(CommandLine& line);    // init, run, resume, stop, queue, sweep
void addResultCommands(CommandLine& line); // runs, show, metrics, compare, report, export, delete, restore
void addModelCommands(CommandLine& line);  // eval, generate, demo
void addToolCommands(CommandLine& line);   // config, doctor, tokenize, align

} // namespace dskd::cli
