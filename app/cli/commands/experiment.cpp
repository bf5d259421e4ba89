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
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

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
                     const jobs::PlanEstimate& estimate, const RunExperimentOptions& options, Console& console)
{
    if (options.json) {
        printJson(console.out, {{"experiment", row.name},
                                {options.again ? "planned" : "missing", plannedJson(runs)},
                                {"estimate", toJson(estimate)}});
        return ExitCode::Done;
    }
    printPlanned(runs, console);
    if (runs.empty()) {
        console.err << text::terminalLine(row.name) << " has all that it plans.\n";
    } else {
        console.err << text::terminal(jobs::toText(estimate)) << ".\n";
    }
    return ExitCode::Done;
}

// What is run is what the experiment is now: runs of an earlier revision would not belong to its plan.
store::ExperimentRow runnable(Experiments& experiments, const std::string& text)
{
    NamedRevision found = experiments.named(text);
    if (found.revision && *found.revision != found.row.revision) {
        throw Error(text + " is an earlier revision, and of an experiment only the newest can be run: revision " +
                        std::to_string(found.row.revision) + ".",
                    "Make an experiment of it: dskd experiment save NAME --from " + text, FailureKind::Usage);
    }
    return std::move(found.row);
}

ExitCode runExperiment(const RunExperimentOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const store::ExperimentRow row = runnable(experiments, options.experiment);
    const auto runs = (options.again ? jobs::plannedRuns(row.name, jobs::planOf(experiments.workspace, row).value())
                                     : jobs::missingRuns(experiments.workspace, row))
                          .value();
    for (const config::Experiment& run : runs) { // all are looked at before the first run is made
        requireRunnable(run);
    }
    const jobs::PlanEstimate estimate = estimateHere(&experiments.workspace, runs);
    if (options.dryRun) {
        return printDryRun(row, runs, estimate, options, console);
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

NamedRevision Experiments::named(const std::string& text)
{
    const auto at = text.rfind('@');
    const auto whole = table.find(text);
    if (whole || at == std::string::npos) { // a name of an earlier version may hold an @
        return {whole.value(), std::nullopt};
    }
    const std::string number = text.substr(at + 1);
    std::int64_t revision = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), revision);
    if (number.empty() || read.ec != std::errc() || read.ptr != number.data() + number.size()) {
        throw Error("\"" + number + "\" is no number of a revision.", "For example: dual@2", FailureKind::Usage);
    }
    store::ExperimentRow row = table.find(text.substr(0, at)).value();
    if (revision < 1 || revision > row.revision) {
        throw Error(row.name + " has no revision " + number + ".",
                    "Its newest is revision " + std::to_string(row.revision) + ".", FailureKind::NotFound);
    }
    return {std::move(row), revision};
}

store::ExperimentRow Experiments::find(const std::string& text)
{
    NamedRevision found = named(text);
    if (found.revision) {
        throw Error(text + " is one revision, and this command is about the whole experiment.",
                    "Name it " + found.row.name + ".", FailureKind::Usage);
    }
    return std::move(found.row);
}

config::Plan Experiments::plan(const std::string& text)
{
    const NamedRevision found = named(text);
    return jobs::planOf(workspace, found.row, found.revision).value();
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
            revisionArgument(command, o.experiment);
            command.add_flag("--again", o.again, "All that it plans once more, whatever runs it has");
            command.add_flag("--queue", o.queueOnly, "Only queue them; \"dskd queue work\" starts them");
            command.add_flag("--dry-run", o.dryRun, "Only name the runs that there would be, their time and disk");
        },
        runExperiment);
    line.addTo<DeleteExperimentOptions>(
        family, "delete", "Delete an experiment that has no runs", "dskd experiment delete ablation",
        [](CLI::App& command, DeleteExperimentOptions& o) { experimentArgument(command, o.experiment); },
        runDeleteExperiment);
}

} // namespace dskd::cli
