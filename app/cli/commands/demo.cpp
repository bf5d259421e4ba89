// `dskd demo`: a teacher distilled into a student in several ways, and the report that compares them.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/grid.h"
#include "app/cli/terminal/comparison.h"
#include "app/cli/terminal/follow.h"
#include "app/demo/demo_files.h"
#include "app/demo/demo_runs.h"
#include "app/report/report.h"
#include "core/base/process.h"
#include "core/jobs/compare.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

struct DemoOptions : CommonOptions {
    bool quick = false;
    bool again = false;
    bool prepare = false; // only make and queue the runs; `dskd queue work` or the window does the rest
    std::string seeds;    // empty: the manifest's
};

fs::path demoWorkspace(const std::string& given)
{
    if (!given.empty()) {
        return given;
    }
    const char* variable = std::getenv("DSKD_WORKSPACE");
    return variable != nullptr && *variable != '\0' ? fs::path(variable) : fs::path("demo-workspace");
}

ExitCode printPrepared(const std::string& root, const demo::DemoRuns& runs, bool json, Console& console)
{
    if (json) {
        printJson(console.out, {{"workspace", root}, {"runs", runs.ids}, {"queued", runs.queued}});
    } else {
        console.out << runs.queued << " of " << runs.ids.size() << " demo runs are queued in "
                    << text::terminalLine(root) << ".\n";
    }
    return ExitCode::Done;
}

// The workspace is -w, else DSKD_WORKSPACE, else ./demo-workspace; it is made when it is not there. Runs that are
// finished are not run again unless `again`; unfinished ones go on.
ExitCode runDemo(const DemoOptions& options, Console& console)
{
    const demo::DemoPlan plan =
        demo::planDemo(demo::findDemo().value(), {options.quick, options.seeds.empty() ? std::vector<std::uint64_t>{}
                                                                                       : parseSeeds(options.seeds)});
    std::error_code error;
    store::WorkspaceDb workspace =
        store::WorkspaceDb::create(fs::absolute(demoWorkspace(options.workspace), error).lexically_normal()).value();
    const std::string root = workspace.layout().root.string();
    const demo::DemoRuns runs = demo::queueDemo(workspace, plan, options.again);
    if (options.prepare) {
        return printPrepared(root, runs, options.json, console);
    }
    const double started = unixTime();
    std::vector<std::string> failed;
    if (runs.queued == 0) {
        console.err << "All " << runs.ids.size()
                    << " demo runs are finished already: writing the report anew (--again runs them once more).\n";
    } else {
        console.err << runs.queued << " of " << runs.ids.size() << " demo runs to do in " << text::terminalLine(root)
                    << ".\n";
        const QueueRun ended = followQueue(console, workspace);
        if (ended.detached) {
            if (options.json) {
                printJson(console.out, {{"workspace", root},
                                        {"runs", runs.ids},
                                        {"finished", ended.summary.finished},
                                        {"failed", ended.summary.failed},
                                        {"detached", true}});
            }
            return ExitCode::Detached;
        }
        failed = ended.summary.failed;
    }
    const fs::path report = workspace.layout().root / "report.html";
    printLeftOut(report::writeReport(workspace, runs.ids, plan.title, report).value(), console);
    const double seconds = unixTime() - started;
    if (options.json) {
        printJson(console.out, {{"workspace", root},
                                {"report", report.string()},
                                {"runs", runs.ids},
                                {"started", runs.queued},
                                {"failed", failed},
                                {"seconds", seconds}});
    } else {
        const jobs::Comparison comparison = jobs::compareRuns(workspace, runs.ids).value();
        console.out << '\n';
        printComparison(jobs::comparisonTable(comparison), false, console);
        console.out << '\n'
                    << (runs.queued > 0 ? "Took " + text::duration(seconds) + ". " : "")
                    << "Report: " << text::terminalLine(report.string()) << '\n';
    }
    return failed.empty() ? ExitCode::Done : ExitCode::Failed;
}

} // namespace

void addDemo(CommandLine& line)
{
    line.add<DemoOptions>(
        "demo", "Distil the demo teacher in several ways and write a report that compares them", "dskd demo --quick",
        [](CLI::App& command, DemoOptions& o) {
            command.add_flag("--quick", o.quick, "A short version with one seed");
            command.add_flag("--again", o.again, "Run everything once more");
            command.add_flag("--prepare", o.prepare, "Only make the workspace and queue its runs");
            command.add_option("--seeds", o.seeds, "Seeds, for example 10,20,30")->type_name("N,N,…");
        },
        runDemo);
}

} // namespace dskd::cli
