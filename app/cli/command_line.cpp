#include "app/cli/command_line.h"

#include "core/base/nearest_name.h"
#include "core/base/version.h"

#include <algorithm>

namespace dskd::cli
{

namespace
{

constexpr void (*kAdders[])(CommandLine&) = {addRunCommands, addResultCommands, addModelCommands, addToolCommands};

} // namespace

CommandLine::CommandLine(Console& console)
    : m_console(console),
      m_app("Distils language models: trains, queues, compares and exports runs in a workspace.", "dskd")
{
    m_app.set_version_flag("--version", std::string("dskd ") + kVersion);
    m_app
        .add_option("-w,--workspace", m_workspace,
                    "Workspace folder (else DSKD_WORKSPACE, else this folder or a parent with workspace.db)")
        ->type_name("DIR");
    m_app.require_subcommand(1);
    m_app.fallthrough(); // -w is understood after the command too
    m_app.get_formatter()->column_width(34);
}

CLI::App* CommandLine::addCommand(CLI::App* parent, const std::string& name, const std::string& summary,
                                  const std::string& example)
{
    CLI::App* command = parent->add_subcommand(name, summary);
    command->footer("Example: " + example);
    return command;
}

CLI::App* CommandLine::addFamily(const std::string& name, const std::string& summary, const std::string& example)
{
    CLI::App* family = addCommand(&m_app, name, summary, example);
    family->require_subcommand(1);
    return family;
}

std::string CommandLine::unknownCommand(const std::vector<std::string>& words) const
{
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "-w" || words[i] == "--workspace") {
            ++i; // its value
            continue;
        }
        if (words[i].rfind('-', 0) == 0) {
            continue;
        }
        std::vector<std::string> names;
        for (const CLI::App* command : m_app.get_subcommands([](const CLI::App*) { return true; })) {
            names.push_back(command->get_name());
        }
        if (std::find(names.begin(), names.end(), words[i]) != names.end()) {
            return {};
        }
        const std::string best = nearestName(words[i], names);
        return "There is no command \"" + words[i] + "\"." + (best.empty() ? "" : " Did you mean \"" + best + "\"?") +
               " \"dskd --help\" lists all commands.";
    }
    return {};
}

int CommandLine::run(std::vector<std::string> words)
{
    if (words.empty()) {
        m_console.out << m_app.help();
        return toInt(ExitCode::Usage);
    }
    if (const std::string problem = unknownCommand(words); !problem.empty()) {
        return explain(m_console, {problem, {}}, ExitCode::Usage);
    }
    const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
    try {
        std::reverse(words.begin(), words.end()); // CLI11 takes them from the back
        m_app.parse(std::move(words));
    } catch (const CLI::ParseError& problem) {
        if (problem.get_exit_code() == 0) { // --help, --version
            m_app.exit(problem, m_console.out, m_console.err);
            return toInt(ExitCode::Done);
        }
        std::string command = "dskd";
        for (const CLI::App* app : m_app.get_subcommands()) {
            command += " " + app->get_name();
        }
        return explain(m_console, {problem.what(), "\"" + command + " --help\" shows what it takes."}, ExitCode::Usage,
                       json);
    } catch (const Error& problem) {
        return explain(m_console, problem.failure(), ExitCode::Failed, json);
    }
    return m_exitCode;
}

int runCommandLine(std::vector<std::string> words, Console& console)
{
    CommandLine line(console);
    for (const auto add : kAdders) {
        add(line);
    }
    return line.run(std::move(words));
}

} // namespace dskd::cli
