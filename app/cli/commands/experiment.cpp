// `dskd experiment`: the experiments of a workspace, named configurations whose changes are kept.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/experiment_shared.h"
#include "app/cli/commands/words.h"
#include "app/cli/estimate_line.h"
#include "app/cli/field_sets.h"
#include "app/cli/terminal/follow.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

struct DiffOptions : CommonOptions {
    std::string before; // "NAME" or "NAME@REVISION"
    std::string after;
};

struct RunExperimentOptions : CommonOptions {
    std::string experiment;
    bool again = false;
    bool queueOnly = false;
    bool dryRun = false;
};

struct DeleteExperimentOptions : CommonOptions {
    std::string experiment;
};

ExitCode runDiff(const DiffOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const auto changes = config::changes(experiments.plan(options.before), experiments.plan(options.after));
    if (options.json) {
        printJson(console.out, toJson(changes));
        return ExitCode::Done;
    }
    text::Table table;
    table.columns = {{"field"}, {options.before}, {options.after}};
    for (const config::Change& change : changes) {
        table.add({change.field, change.before, change.after});
    }
    console.out << (changes.empty() ? "They differ in nothing.\n" : text::toTerminal(table, tableStyle(console)));
    return ExitCode::Done;
}

// Runs of the experiment that stand in the queue and have not begun.
std::int64_t numWaiting(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment)
{
    std::int64_t waiting = 0;
    for (const store::QueueRow& row : workspace.queue()) {
        const auto run = workspace.run(row.runId);
        waiting += row.state == store::QueueState::Waiting && run && run->experiment == experiment.id ? 1 : 0;
    }
    return waiting;
}

ExitCode printDryRun(const store::ExperimentRow& row, const std::vector<config::Experiment>& runs,
                     const RunExperimentOptions& options, Console& console)
{
    nlohmann::json rows = nlohmann::json::array();
    for (const config::Experiment& run : runs) {
        rows.push_back({{"name", run.name}, {"seed", run.seed}});
        if (!options.json) {
            console.out << text::terminalLine(run.name) << ", seed " << run.seed << '\n';
        }
    }
    if (options.json) {
        printJson(console.out, {{"experiment", row.name}, {options.again ? "planned" : "missing", rows}});
    }
    return ExitCode::Done;
}

ExitCode runExperiment(const RunExperimentOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const store::ExperimentRow row = experiments.find(options.experiment);
    const auto runs = (options.again ? jobs::plannedRuns(row.name, jobs::planOf(experiments.workspace, row).value())
                                     : jobs::missingRuns(experiments.workspace, row))
                          .value();
    if (options.dryRun) {
        return printDryRun(row, runs, options, console);
    }
    for (const config::Experiment& run : runs) { // all are looked at before the first run is made
        requireRunnable(run);
    }
    jobs::QueuedRuns queued;
    if (options.again) {
        queued.made = jobs::createQueued(experiments.workspace, row, runs).value();
    } else {
        queued = jobs::queueMissing(experiments.workspace, row, runs).value();
    }
    std::vector<std::string> ids = queued.made;
    ids.insert(ids.end(), queued.continued.begin(), queued.continued.end());
    console.err << text::counted(static_cast<std::int64_t>(ids.size()), "run") << " of " << text::terminalLine(row.name)
                << " queued";
    if (!queued.continued.empty()) {
        const auto count = static_cast<std::int64_t>(queued.continued.size());
        console.err << "; " << text::counted(count, "is a run that was", "are runs that were")
                    << " never started, stopped or failed";
    }
    const std::int64_t waiting = ids.empty() ? numWaiting(experiments.workspace, row) : 0;
    if (waiting > 0) {
        console.err << "; " << text::counted(waiting, "run waits", "runs wait") << " in the queue.\n";
    } else {
        console.err << (ids.empty() ? "; it has all that it plans.\n" : ".\n");
    }
    const jobs::PlanEstimate estimate = estimateHere(&experiments.workspace, runs);
    if (!ids.empty()) {
        console.err << text::terminal(jobs::toText(estimate)) << ".\n";
    }
    if (!options.queueOnly && (!ids.empty() || waiting > 0)) {
        return workQueue(console, experiments.workspace, options.json);
    }
    if (options.json) {
        printJson(
            console.out,
            {{"experiment", row.name}, {"runs", ids}, {"continued", queued.continued}, {"estimate", toJson(estimate)}});
    }
    return ExitCode::Done;
}

ExitCode runDeleteExperiment(const DeleteExperimentOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const store::ExperimentRow row = experiments.find(options.experiment);
    const std::vector<store::RunRow> trash = experiments.workspace.runs(/*trashed=*/true);
    const auto inTrash =
        std::count_if(trash.begin(), trash.end(), [&](const store::RunRow& run) { return run.experiment == row.id; });
    jobs::deleteExperiment(experiments.workspace, row).value();
    if (options.json) {
        printJson(console.out, {{"deleted", row.name}, {"runs_in_trash", inTrash}});
        return ExitCode::Done;
    }
    console.out << text::terminalLine(row.name) << " is deleted.";
    if (inTrash > 0) {
        console.out << " It comes back with the first of its " << text::counted(inTrash, "run")
                    << " in the trash that is restored.";
    }
    console.out << '\n';
    return ExitCode::Done;
}

} // namespace

nlohmann::json toJson(const std::vector<config::Change>& changes)
{
    nlohmann::json rows = nlohmann::json::array();
    for (const config::Change& change : changes) {
        rows.push_back({{"field", change.field}, {"before", change.before}, {"after", change.after}});
    }
    return rows;
}

std::string toText(const config::Change& change)
{
    const auto shown = [](const std::string& value) { return value.empty() ? std::string("none") : value; };
    return change.field + ": " + shown(change.before) + " -> " + shown(change.after);
}

config::Plan Experiments::plan(const std::string& text)
{
    const auto at = text.rfind('@');
    if (at != std::string::npos && !table.find(text)) {
        try {
            const std::int64_t revision = std::stoll(text.substr(at + 1));
            return jobs::planOf(workspace, find(text.substr(0, at)), revision).value();
        } catch (const std::logic_error&) {
            throw Error("\"" + text.substr(at + 1) + "\" is no number of a revision.", "For example: dual@2",
                        FailureKind::Usage);
        }
    }
    return jobs::planOf(workspace, find(text)).value();
}

void addExperiment(CommandLine& line)
{
    CLI::App* family = line.addFamily("experiment", "Named configurations whose changes are kept, and their runs",
                                      "dskd experiment save ablation dual.json --grid space=diff,student,dual "
                                      "--seeds 10,20,30 && dskd experiment run ablation");
    addExperimentViews(line, family);
    addExperimentChanges(line, family);
    addExperimentFiles(line, family);
    line.addTo<DiffOptions>(
        family, "diff", "Show what differs between two experiments or revisions", "dskd experiment diff dual@1 dual@2",
        [](CLI::App& command, DiffOptions& o) {
            command.add_option("before", o.before, "An experiment, or NAME@REVISION")->type_name("A")->required();
            command.add_option("after", o.after, "Another")->type_name("B")->required();
        },
        runDiff);
    line.addTo<RunExperimentOptions>(
        family, "run", "Queue and start the runs that an experiment plans and that are not done, at work or queued",
        "dskd experiment run ablation",
        [](CLI::App& command, RunExperimentOptions& o) {
            experimentArgument(command, o.experiment);
            command.add_flag("--again", o.again, "All that it plans once more, whatever runs it has");
            command.add_flag("--queue", o.queueOnly, "Only queue them; \"dskd queue work\" starts them");
            command.add_flag("--dry-run", o.dryRun, "Only name the runs that there would be");
        },
        runExperiment);
    line.addTo<DeleteExperimentOptions>(
        family, "delete", "Delete an experiment that has no runs", "dskd experiment delete ablation",
        [](CLI::App& command, DeleteExperimentOptions& o) { experimentArgument(command, o.experiment); },
        runDeleteExperiment);
}

} // namespace dskd::cli
