#include "app/cli/command_line.h"

#include "app/cli/commands/commands.h"
#include "app/cli/usage_error.h"
#include "core/base/nearest_name.h"
#include "core/base/version.h"
#include "core/text/escape.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

// In the order of `dskd --help`.
constexpr void (*kAdders[])(CommandLine&) = {
    addInit,
    addRun,
    addAttach,
    addResume,
    addStop,
    addCheckpoint,
    addQueue,
    addSweep,
    addExperiment,
    addRuns,
    addShow,
    addMetrics,
    addSpaces,
    addSamples,
    addCompare,
    addMatrix,
    addReport,
    addTensorBoard,
    addExport,
    addEdit,
    addDeleteAndRestore,
    addEvalAndGenerate,
    addAsk,
    addDemo,
    addCheck,
    addConfig,
    addMethods,
    addDoctor,
    addTokenize,
    addAlign,
    addModelsAndData,
    addPairs,
    addCache,
    addBench,
};

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
    for (const auto add : kAdders) {
        add(*this);
    }
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

void CommandLine::checkCommand(const std::vector<std::string>& words) const
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
            return;
        }
        const std::string best = nearestName(words[i], names);
        throw Error("There is no command \"" + words[i] + "\"." +
                        (best.empty() ? "" : " Did you mean \"" + best + "\"?") +
                        " \"dskd --help\" lists all commands.",
                    {}, FailureKind::Usage);
    }
}

ExitCode CommandLine::understandAndRun(const std::vector<std::string>& words)
{
    if (words.empty()) {
        m_console.out << m_app.help();
        return ExitCode::Usage;
    }
    checkCommand(words);
    try {
        m_app.parse(std::vector<std::string>(words.rbegin(), words.rend())); // CLI11 takes them from the back
    } catch (const CLI::ParseError& problem) {
        if (problem.get_exit_code() == 0) { // --help, --version
            m_app.exit(problem, m_console.out, m_console.err);
            return ExitCode::Done;
        }
        throw Error(usageFailure(m_app, problem, words));
    }
    refuseEmptyValues(m_app);
    return m_action();
}

ExitCode CommandLine::explain(const Failure& failure) const
{
    const ExitCode code = exitCodeOf(failure.kind);
    m_console.err << text::terminal(failure.text()) << '\n';
    if (m_json) {
        printJson(m_console.out,
                  {{"error", {{"what", failure.what}, {"hint", failure.hint}, {"exit_code", toInt(code)}}}});
    }
    return code;
}

int CommandLine::run(const std::vector<std::string>& words)
{
    m_json = std::find(words.begin(), words.end(), "--json") != words.end(); // also where they are not understood
    try {
        return toInt(understandAndRun(words));
    } catch (const Error& problem) {
        return toInt(explain(problem.failure()));
    } catch (const std::exception& problem) {
        return toInt(explain({std::string("dskd cannot go on: ") + problem.what(), {}}));
    }
}

int runCommandLine(const std::vector<std::string>& words, Console& console)
{
    return CommandLine(console).run(words);
}

} // namespace dskd::cli
