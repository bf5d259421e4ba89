// `dskd report`: runs in one HTML file.

#include "app/report/report.h"

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/terminal/comparison.h"
#include "core/text/escape.h"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

struct ReportOptions : CommonOptions {
    std::vector<std::string> runs; // empty: all
    std::string to;                // empty: <workspace>/report.html
    std::string title;
};

ExitCode runReport(const ReportOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    std::vector<std::string> ids = findRunsOrAll(workspace, options.runs);
    const std::filesystem::path to =
        options.to.empty() ? workspace.layout().root / "report.html" : std::filesystem::path(options.to);
    if (!options.to.empty()) {
        report::requireReplaceable(to).value();
    }
    Result<std::vector<jobs::UnreadRun>> written = report::writeReport(workspace, ids, options.title, to);
    if (!written && options.to.empty() && !workspace.whyReadOnly().empty()) {
        throw Error(written.failure().what, "Name another place with --to.");
    }
    const std::vector<jobs::UnreadRun> leftOut = std::move(written).value();
    printLeftOut(leftOut, console);
    for (const jobs::UnreadRun& run : leftOut) {
        std::erase(ids, run.runId);
    }
    if (options.json) {
        printJson(console.out, {{"report", to.string()}, {"runs", ids}});
    } else {
        console.out << text::terminalLine(to.string()) << '\n';
    }
    return ExitCode::Done;
}

} // namespace

void addReport(CommandLine& line)
{
    line.add<ReportOptions>(
        "report", "Write report.html: curves, heat-maps, comparison; one file, opens offline",
        "dskd report group:demo --to demo.html",
        [](CLI::App& command, ReportOptions& o) {
            runsArgument(command, o.runs, " (default: all)");
            command.add_option("--to", o.to, "Where to write it (default: report.html in the workspace)")
                ->type_name("FILE");
            command.add_option("--title", o.title, "Its title")->type_name("TEXT");
        },
        runReport);
}

} // namespace dskd::cli
