// `dskd experiment list` and `show`: what experiments there are, and how far their runs are.

#include "app/cli/command_line.h"
#include "app/cli/commands/experiment_shared.h"
#include "core/config/plan/seeds.h"
#include "core/jobs/status.h"
#include "core/jobs/time_estimate.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

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

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

std::string runsText(std::size_t count)
{
    return text::counted(static_cast<std::int64_t>(count), "run");
}

// Runs in use of the experiment; of one revision of it where that is named.
std::vector<store::RunRow> runsOf(const std::vector<store::RunRow>& all, std::int64_t experiment,
                                  std::optional<std::int64_t> revision = std::nullopt)
{
    std::vector<store::RunRow> runs;
    std::copy_if(all.begin(), all.end(), std::back_inserter(runs), [&](const store::RunRow& run) {
        return run.experiment == experiment && (!revision || run.revision == revision);
    });
    return runs;
}

std::vector<std::string> idsOf(const std::vector<store::RunRow>& runs)
{
    std::vector<std::string> ids;
    ids.reserve(runs.size());
    for (const store::RunRow& run : runs) {
        ids.push_back(run.id);
    }
    return ids;
}

nlohmann::json rowJson(const store::ExperimentRow& row, const std::vector<store::RunRow>& runs)
{
    return {{"experiment", row.id},
            {"name", row.name},
            {"created", row.created},
            {"revision", row.revision},
            {"note", row.note},
            {"tags", row.tags},
            {"archived", row.archived.has_value()},
            {"runs", idsOf(runs)}};
}

ExitCode runList(const ListOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const std::vector<store::RunRow> runs = experiments.workspace.runs();
    const jobs::StatusOf statusOf = jobs::statusesOf(experiments.workspace);
    nlohmann::json rows = nlohmann::json::array();
    text::Table table;
    table.columns = {{"#", text::Align::Right},
                     {"experiment", text::Align::Left, true},
                     {"revision", text::Align::Right},
                     {"done", text::Align::Right},
                     {"running", text::Align::Right},
                     {"queued", text::Align::Right},
                     {"failed", text::Align::Right},
                     {"earlier", text::Align::Right}, // of earlier revisions
                     {"created"},
                     {"tags", text::Align::Left, true, text::Worth::Detail},
                     {"note", text::Align::Left, true, text::Worth::Detail}};
    table.mayLeaveOut = true;
    std::int64_t others = 0;
    std::vector<std::string> troubles;
    for (const store::ExperimentRow& row : experiments.table.all()) {
        if (row.archived.has_value() != options.archived) {
            ++others;
            continue;
        }
        nlohmann::json& json = rows.emplace_back(rowJson(row, runsOf(runs, row.id)));
        std::vector<std::string> cells{std::to_string(row.id), row.name, std::to_string(row.revision)};
        if (const auto state = jobs::readPlanState(experiments.workspace, row, runs)) {
            const jobs::PlanProgress progress = jobs::progressOf(*state, statusOf);
            json["progress"] = toJson(progress);
            cells.push_back(std::to_string(progress.done) + " / " + std::to_string(progress.planned));
            const jobs::StageCounts& unplanned = progress.unplanned; // theirs too: none at work or failed is left out
            for (const std::size_t count : {progress.running + unplanned.running, progress.queued + unplanned.queued,
                                            progress.failed + unplanned.failed, progress.earlier}) {
                cells.push_back(std::to_string(count));
            }
        } else {
            json["trouble"] = state.failure().text();
            troubles.push_back(row.name + ": " + state.failure().text());
            cells.insert(cells.end(), {"?", "?", "?", "?", "?"});
        }
        cells.insert(cells.end(), {text::localTime(row.created), joined(row.tags), row.note});
        table.add(std::move(cells));
    }
    if (options.json) {
        printJson(console.out, rows);
        return ExitCode::Done;
    }
    if (!table.rows.empty()) {
        console.out << text::toTerminal(table, tableStyle(console));
    } else if (options.archived) {
        console.out << "No experiment is archived.\n";
    } else {
        console.out << "There are no experiments" << (others > 0 ? " in use" : " yet")
                    << ". \"dskd experiment save NAME CONFIG\" makes one; \"dskd run CONFIG\" makes one for its run.\n";
    }
    if (others > 0 && !options.archived) {
        console.out << text::counted(others, "archived experiment is", "archived experiments are")
                    << " not shown; --archived lists them.\n";
    }
    for (const std::string& trouble : troubles) {
        console.err << text::terminal(trouble) << '\n';
    }
    return ExitCode::Done;
}

void printPlan(const config::Plan& plan, Console& console)
{
    for (const config::Axis& axis : plan.axes) {
        console.out << "Axis " << text::terminalLine(axis.field) << ": " << text::terminalLine(joined(axis.values))
                    << '\n';
    }
    for (const auto& [field, value] : plan.fixed) {
        console.out << "With every method " << text::terminalLine(field + "=" + value) << '\n';
    }
    for (const config::Exclusion& exclusion : plan.excluded) {
        console.out << "Excluded combinations: all with " << text::terminalLine(config::exclusionText(exclusion))
                    << '\n';
    }
    if (plan.seeds.empty()) {
        console.out << "Seed " << plan.base.seed << ", the configuration's\n";
    } else {
        console.out << "Seeds " << config::seedsText(plan.seeds) << '\n';
    }
}

// What each revision changed in the one before it; of the first nothing.
struct RevisionChange {
    store::RevisionRow revision;
    Result<std::vector<config::Change>> changes = std::vector<config::Change>();
};
std::vector<RevisionChange> readHistory(Experiments& experiments, const store::ExperimentRow& row)
{
    std::vector<RevisionChange> history;
    std::optional<config::Plan> before;
    for (store::RevisionRow& revision : experiments.table.revisions(row.id)) {
        auto plan = config::parsePlan(revision.plan, experiments.workspace.layout().root);
        RevisionChange& entry = history.emplace_back(RevisionChange{std::move(revision)});
        if (!plan) {
            entry.changes = plan.failure();
            before.reset();
            continue;
        }
        if (before) {
            entry.changes = config::changes(*before, *plan);
        }
        before = *std::move(plan);
    }
    return history;
}

void printHistory(const std::vector<RevisionChange>& history, std::optional<std::int64_t> only, Console& console)
{
    for (std::size_t i = history.size(); i-- > 0;) {
        const RevisionChange& entry = history[i];
        const std::int64_t number = entry.revision.number;
        if (only && number != *only) {
            continue;
        }
        console.out << "Revision " << number << ", " << text::localTime(entry.revision.created);
        if (!entry.changes) {
            console.out << ": " << text::terminal(entry.changes.failure().text()) << '\n';
        } else if (number == 1) {
            console.out << ": the first\n";
        } else if (entry.changes->empty()) {
            console.out << ": nothing that has an effect\n";
        } else {
            console.out << ":\n";
            for (const config::Change& change : *entry.changes) {
                console.out << "  " << text::terminalLine(toText(change)) << '\n';
            }
        }
    }
}

void printRuns(const std::vector<store::RunRow>& runs, const jobs::StatusOf& statusOf, Console& console)
{
    text::Table table;
    table.columns = {{"run", text::Align::Left, true},
                     {"id", text::Align::Left, true, text::Worth::Id},
                     {"revision", text::Align::Right},
                     {"seed", text::Align::Right},
                     {"status"}};
    table.mayLeaveOut = true;
    for (const store::RunRow& run : runs) {
        table.add({run.shownName(), run.id, std::to_string(run.revision.value_or(0)), std::to_string(run.seed),
                   std::string(jobs::name(statusOf(run.id)))});
    }
    if (!table.rows.empty()) {
        console.out << '\n' << text::toTerminal(table, tableStyle(console));
    }
}

// An experiment as it is shown: all of it, or one revision.
struct Shown {
    store::ExperimentRow row;
    std::optional<std::int64_t> only; // the revision
    std::vector<store::RunRow> runs;  // of that revision where one is named
    std::size_t others = 0;           // runs of its other revisions
    Result<jobs::PlanState> state = Failure{};
    std::vector<RevisionChange> history{};
};

void print(const Shown& shown, const Result<config::Plan>& plan, const jobs::StatusOf& statusOf, Console& console)
{
    const store::ExperimentRow& row = shown.row;
    console.out << console.paint(text::terminalLine(row.name), Tone::Strong) << "  #" << row.id << ", revision "
                << shown.only.value_or(row.revision);
    if (shown.only && *shown.only != row.revision) {
        console.out << " of " << row.revision;
    }
    console.out << ", created " << text::localTime(row.created) << (row.archived ? ", archived" : "") << '\n';
    if (!row.note.empty()) {
        console.out << text::terminal(row.note) << '\n';
    }
    if (!row.tags.empty()) {
        console.out << "Tags: " << text::terminalLine(joined(row.tags)) << '\n';
    }
    if (plan) {
        printPlan(*plan, console);
    }
    if (!shown.state) {
        console.out << text::terminal(shown.state.failure().text()) << '\n';
    } else {
        const jobs::PlanProgress progress = jobs::progressOf(*shown.state, statusOf);
        if (progress.cells > progress.planned) {
            console.out << jobs::planText(progress.cells, progress.planned) << '\n';
        }
        console.out << (shown.only ? runsText(progress.planned) + " planned" : progressText(progress)) << '\n';
    }
    if (shown.only) {
        console.out << runsText(shown.runs.size()) << " of this revision; " << runsText(shown.others)
                    << " of other revisions not shown\n";
    }
    printHistory(shown.history, shown.only, console);
    printRuns(shown.runs, statusOf, console);
}

nlohmann::json documentOf(const Shown& shown, const jobs::StatusOf& statusOf)
{
    nlohmann::json document = rowJson(shown.row, shown.runs);
    nlohmann::json& runs = document["run_rows"] = nlohmann::json::array();
    for (const store::RunRow& run : shown.runs) {
        runs.push_back({{"run", run.id},
                        {"name", run.name},
                        {"revision", run.revision ? nlohmann::json(*run.revision) : nlohmann::json()},
                        {"seed", run.seed},
                        {"status", std::string(jobs::name(statusOf(run.id)))}});
    }
    document["other_runs"] = shown.others;
    if (shown.state) {
        document["progress"] = toJson(jobs::progressOf(*shown.state, statusOf));
    } else {
        document["trouble"] = shown.state.failure().text();
    }
    nlohmann::json& revisions = document["revisions"] = nlohmann::json::array();
    for (const RevisionChange& entry : shown.history) {
        nlohmann::json revision{{"revision", entry.revision.number}, {"created", entry.revision.created}};
        if (entry.changes) {
            revision["changes"] = toJson(*entry.changes);
        } else {
            revision["trouble"] = entry.changes.failure().text();
        }
        revisions.push_back(std::move(revision));
    }
    return document;
}

ExitCode runShowExperiment(const ShowExperimentOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const auto [row, named] = experiments.named(options.experiment);
    if (named && options.revision && *named != *options.revision) {
        throw Error(options.experiment + " and --revision " + std::to_string(*options.revision) +
                        " name two revisions.",
                    "Leave one of them out.", FailureKind::Usage);
    }
    const std::optional<std::int64_t> only = named ? named : options.revision;
    const auto revision = experiments.table.revision(row.id, only.value_or(row.revision)).value();
    if (options.plan) {
        console.out << text::terminalJson(revision.plan) << '\n';
        return ExitCode::Done;
    }
    const std::vector<store::RunRow> all = experiments.workspace.runs();
    const jobs::StatusOf statusOf = jobs::statusesOf(experiments.workspace);
    Shown shown{row, only, runsOf(all, row.id, only)};
    shown.others = runsOf(all, row.id).size() - shown.runs.size();
    shown.state = jobs::readPlanState(experiments.workspace, row, shown.runs, only);
    shown.history = readHistory(experiments, row);
    if (options.json) {
        nlohmann::json document = documentOf(shown, statusOf);
        document["shown_revision"] = revision.number;
        document["plan"] = nlohmann::json::parse(revision.plan);
        printJson(console.out, document);
    } else {
        print(shown, config::parsePlan(revision.plan, experiments.workspace.layout().root), statusOf, console);
    }
    return ExitCode::Done;
}

} // namespace

void addExperimentViews(CommandLine& line, CLI::App* family)
{
    line.addTo<ListOptions>(
        family, "list", "Show the experiments and how far their runs are", "dskd experiment list",
        [](CLI::App& command, ListOptions& o) {
            command.add_flag("--archived", o.archived, "Those that are archived");
        },
        runList);
    line.addTo<ShowExperimentOptions>(
        family, "show", "Show an experiment, its revisions and its runs", "dskd experiment show ablation",
        [](CLI::App& command, ShowExperimentOptions& o) {
            revisionArgument(command, o.experiment);
            command.add_option("--revision", o.revision, "Only this one, and the runs that were made from it")
                ->type_name("N");
            command.add_flag("--plan", o.plan, "Its plan as JSON, which \"dskd experiment save\" reads");
        },
        runShowExperiment);
}

} // namespace dskd::cli
