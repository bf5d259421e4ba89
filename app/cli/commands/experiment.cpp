// `dskd experiment`: the experiments of a workspace, named configurations whose changes are kept.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/experiment_shared.h"
#include "app/cli/commands/words.h"
#include "app/cli/estimate_line.h"
#include "app/cli/field_sets.h"
#include "app/cli/terminal/follow.h"
#include "core/jobs/experiments.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace dskd::cli
{

namespace
{

struct ListOptions : CommonOptions {
    bool archived = false;
};

struct ShowExperimentOptions : CommonOptions {
    std::string experiment;
    std::optional<std::int64_t> revision;
    bool plan = false;
};

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

nlohmann::json rowJson(const store::ExperimentRow& row, const std::vector<std::string>& runs)
{
    return {{"experiment", row.id},
            {"name", row.name},
            {"created", row.created},
            {"revision", row.revision},
            {"note", row.note},
            {"tags", row.tags},
            {"archived", row.archived.has_value()},
            {"runs", runs}};
}

ExitCode runList(const ListOptions& options, Console& console)
{
    Experiments experiments(options, console);
    nlohmann::json rows = nlohmann::json::array();
    text::Table table;
    table.columns = {{"#", text::Align::Right},    {"experiment"}, {"revision", text::Align::Right},
                     {"runs", text::Align::Right}, {"created"},    {"tags"}};
    for (const store::ExperimentRow& row : experiments.table.all()) {
        if (row.archived.has_value() != options.archived) {
            continue;
        }
        const std::vector<std::string> runs = experiments.table.runs(row.id);
        rows.push_back(rowJson(row, runs));
        std::string tags;
        for (const std::string& tag : row.tags) {
            tags += (tags.empty() ? "" : " ") + tag;
        }
        table.add({std::to_string(row.id), row.name, std::to_string(row.revision), std::to_string(runs.size()),
                   text::localTime(row.created), tags});
    }
    if (options.json) {
        printJson(console.out, rows);
    } else if (table.rows.empty()) {
        console.out << (options.archived ? "No experiment is archived.\n"
                                         : "There are no experiments yet. \"dskd experiment save NAME CONFIG\" "
                                           "makes one; \"dskd run CONFIG\" makes one for its run.\n");
    } else {
        console.out << text::toTerminal(table, tableStyle(console));
    }
    return ExitCode::Done;
}

void printExperiment(Experiments& experiments, const store::ExperimentRow& row, const config::Plan& plan,
                     Console& console)
{
    const auto& [id, name, created, revision, note, tags, archived] = row;
    console.out << console.paint(text::terminalLine(name), Tone::Strong) << "  #" << id << ", revision " << revision
                << ", created " << text::localTime(created) << (archived ? ", archived" : "") << '\n';
    if (!note.empty()) {
        console.out << text::terminal(note) << '\n';
    }
    for (const config::Axis& axis : plan.axes) {
        console.out << "Axis " << text::terminalLine(axis.field) << ':';
        for (const std::string& value : axis.values) {
            console.out << ' ' << text::terminalLine(value);
        }
        console.out << '\n';
    }
    const auto planned = jobs::plannedRuns(name, plan);
    const auto missing = jobs::missingRuns(experiments.workspace, row);
    if (planned && missing) {
        console.out << planned->size() << (planned->size() == 1 ? " run" : " runs") << " planned, " << missing->size()
                    << " missing\n";
    } else {
        console.out << text::terminal((planned ? missing : planned).failure().text()) << '\n';
    }
    text::Table table;
    table.columns = {{"run"}, {"revision", text::Align::Right}, {"seed", text::Align::Right}};
    for (const std::string& runId : experiments.table.runs(row.id)) {
        const store::RunRow run = experiments.workspace.run(runId).value();
        table.add({run.shownName(), std::to_string(run.revision.value_or(0)), std::to_string(run.seed)});
    }
    if (!table.rows.empty()) {
        console.out << '\n' << text::toTerminal(table, tableStyle(console));
    }
}

ExitCode runShowExperiment(const ShowExperimentOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const store::ExperimentRow row = experiments.find(options.experiment);
    const auto revision = experiments.table.revision(row.id, options.revision.value_or(row.revision)).value();
    if (options.plan) {
        console.out << text::terminalJson(revision.plan) << '\n';
    } else if (options.json) {
        nlohmann::json document = rowJson(row, experiments.table.runs(row.id));
        document["plan"] = nlohmann::json::parse(revision.plan);
        nlohmann::json revisions = nlohmann::json::array();
        for (const store::RevisionRow& each : experiments.table.revisions(row.id)) {
            revisions.push_back({{"revision", each.number}, {"created", each.created}});
        }
        document["revisions"] = revisions;
        printJson(console.out, document);
    } else {
        printExperiment(experiments, row, jobs::planOf(experiments.workspace, row, options.revision).value(), console);
    }
    return ExitCode::Done;
}

ExitCode runDiff(const DiffOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const auto changes = config::changes(experiments.plan(options.before), experiments.plan(options.after));
    if (options.json) {
        nlohmann::json rows = nlohmann::json::array();
        for (const config::Change& change : changes) {
            rows.push_back({{"field", change.field}, {"before", change.before}, {"after", change.after}});
        }
        printJson(console.out, rows);
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

ExitCode runExperiment(const RunExperimentOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const store::ExperimentRow row = experiments.find(options.experiment);
    const auto runs =
        (options.again ? jobs::plannedRuns(row.name, jobs::planOf(experiments.workspace, row).value())
                       : jobs::missingRuns(experiments.workspace, row))
            .value();
    if (options.dryRun) {
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
    for (const config::Experiment& run : runs) { // all are looked at before the first run is made
        requireRunnable(run);
    }
    const auto ids = jobs::createQueued(experiments.workspace, row, runs).value();
    console.err << ids.size() << (ids.size() == 1 ? " run" : " runs") << " of " << text::terminalLine(row.name)
                << " queued" << (ids.empty() ? "; it has all that it plans.\n" : ".\n");
    const jobs::PlanEstimate estimate = estimateHere(&experiments.workspace, runs);
    if (!ids.empty()) {
        console.err << text::terminal(jobs::toText(estimate)) << ".\n";
    }
    if (!options.queueOnly && !ids.empty()) {
        return workQueue(console, experiments.workspace, options.json);
    }
    if (options.json) {
        printJson(console.out, {{"experiment", row.name}, {"runs", ids}, {"estimate", toJson(estimate)}});
    }
    return ExitCode::Done;
}

ExitCode runDeleteExperiment(const DeleteExperimentOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const store::ExperimentRow row = experiments.find(options.experiment);
    jobs::deleteExperiment(experiments.workspace, row).value();
    if (options.json) {
        printJson(console.out, {{"deleted", row.name}});
    } else {
        console.out << text::terminalLine(row.name) << " is deleted.\n";
    }
    return ExitCode::Done;
}

} // namespace

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
    line.addTo<ListOptions>(
        family, "list", "Show the experiments", "dskd experiment list",
        [](CLI::App& command, ListOptions& o) {
            command.add_flag("--archived", o.archived, "Those that are archived");
        },
        runList);
    line.addTo<ShowExperimentOptions>(
        family, "show", "Show an experiment and its runs", "dskd experiment show ablation",
        [](CLI::App& command, ShowExperimentOptions& o) {
            experimentArgument(command, o.experiment);
            command.add_option("--revision", o.revision, "Default: the newest")->type_name("N");
            command.add_flag("--plan", o.plan, "Its plan as JSON, which \"dskd experiment save\" reads");
        },
        runShowExperiment);
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
        family, "run", "Queue and start the runs that an experiment plans and does not have yet",
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
