// `dskd compare`: runs side by side; seeds of one configuration become mean ± standard deviation.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/terminal/comparison.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/comparison_table.h"
#include "core/jobs/run_facts.h"
#include "core/metrics/metric_table.h"
#include "core/text/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace dskd::cli
{

namespace
{

struct CompareOptions : CommonOptions {
    std::vector<std::string> runs;    // also group:NAME
    std::vector<std::string> metrics; // empty: those that tell students apart
    std::string baseline;             // empty: the default one
    bool latex = false;
    bool csv = false;
};

// "mark" is null of a value that is not ranked.
nlohmann::json rankJson(const jobs::Rank& rank)
{
    nlohmann::json json = {
        {"best", rank.mark == jobs::Mark::Best},
        {"mark", rank.mark == jobs::Mark::None ? nlohmann::json() : nlohmann::json(name(rank.mark))}};
    if (rank.test) {
        json["test"] = testJson(*rank.test);
    }
    return json;
}

nlohmann::json toJson(const jobs::Comparison& comparison, const jobs::ComparisonTable& table)
{
    nlohmann::json groups = nlohmann::json::array();
    for (std::size_t g = 0; g < comparison.groups.size(); ++g) {
        const jobs::OutcomeGroup& group = comparison.groups[g];
        const jobs::ComparisonRow& row = table.rows[g];
        nlohmann::json runs = nlohmann::json::array();
        for (const jobs::RunOutcome& run : group.runs) {
            runs.push_back({{"run", run.runId},
                            {"name", run.name},
                            {"seed", run.seed},
                            {"status", jobs::name(run.status)},
                            {"counted", jobs::isCounted(group, run)}});
        }
        nlohmann::json fields = nlohmann::json::object();
        for (std::size_t f = 0; f < table.fields.size(); ++f) {
            fields[table.fields[f]] = row.fields[f];
        }
        nlohmann::json values = nlohmann::json::object();
        for (const auto& [name, summary] : group.values) {
            values[name] = {{"count", summary.count}, {"mean", summary.mean}, {"deviation", summary.deviation}};
        }
        for (std::size_t m = 0; m < table.metrics.size(); ++m) {
            if (row.cells[m].delta) {
                values[table.metrics[m]]["delta"] = *row.cells[m].delta;
                values[table.metrics[m]]["delta_to"] = table.rows[*row.cells[m].baseline].label;
            }
            if (row.cells[m].value) {
                values[table.metrics[m]].update(rankJson(row.cells[m].rank));
            }
        }
        groups.push_back({{"label", group.label},
                          {"baseline", row.baseline},
                          {"seeds", group.seeds},
                          {"done", group.done},
                          {"running", group.running},
                          {"fields", fields},
                          {"values", values},
                          {"runs", runs}});
    }
    return {{"differing_fields", table.fields},
            {"metrics", comparison.metrics},
            {"groups", groups},
            {"note", jobs::markNote(table, "Bold", false)},
            {"left_out", leftOutJson(comparison.leftOut)}};
}

// A field by its path, as --set takes it; a fact by its title.
std::string nameOf(const std::string& field)
{
    return config::resolveField(field) ? field : jobs::fieldTitle(field);
}

text::Table fieldTable(const jobs::ComparisonTable& table)
{
    text::Table fields;
    fields.mayLeaveOut = true;
    fields.columns.push_back({"field", text::Align::Left, true, text::Worth::Id});
    for (const jobs::ComparisonRow& row : table.rows) {
        fields.columns.push_back({row.label, text::Align::Left, true, text::Worth::Detail});
    }
    for (std::size_t f = 0; f < table.fields.size(); ++f) {
        std::vector<std::string> cells{nameOf(table.fields[f])};
        for (const jobs::ComparisonRow& row : table.rows) {
            cells.push_back(row.fields[f]);
        }
        fields.add(std::move(cells));
    }
    return fields;
}

// "validation.loss" for "validation.loss.best"
std::string withoutEnd(std::string id)
{
    for (const std::string_view end : {".best", ".last"}) {
        if (id.ends_with(end)) {
            id.resize(id.size() - end.size());
        }
    }
    return id;
}

// The metrics that `wanted` names by id or title, as ids; without "best" or "last" a word names both. Throws NotFound.
std::vector<std::string> metricsNamed(const std::vector<std::string>& wanted, const std::vector<std::string>& known)
{
    std::vector<std::string> named;
    for (const std::string& word : wanted) {
        const std::size_t before = named.size();
        std::string all;
        for (const std::string& id : known) {
            const std::string metric = withoutEnd(id);
            const std::string title = metrics::titleOf(id);
            if (word == id || word == title || word == metric || word == metrics::titleOf(metric)) {
                named.push_back(id);
            }
            all += (all.empty() ? "" : ", ") + id + (title == id ? "" : " (" + title + ")");
        }
        if (named.size() == before) {
            throw Error("None of these runs has \"" + word + "\".",
                        all.empty() ? "They have no values yet." : "There is: " + all + ".", FailureKind::NotFound);
        }
    }
    return named;
}

// The group that `word` names by its label or, as in all commands, by one of its runs. Throws NotFound.
std::size_t baselineOf(store::WorkspaceDb& workspace, const jobs::Comparison& comparison, const std::string& word)
{
    const Result<std::size_t> group = jobs::findGroup(comparison, word);
    const Result<std::string> run = group ? Result<std::string>(Failure{}) : workspace.findRun(word);
    return run ? jobs::findGroup(comparison, *run).value() : group.value();
}

ExitCode runCompare(const CompareOptions& options, Console& console)
{
    requireOneForm(options.json, options.csv, options.latex);
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const jobs::Comparison comparison = jobs::compareRuns(workspace, findRuns(workspace, options.runs)).value();
    printLeftOut(comparison.leftOut, console);
    std::optional<std::size_t> baseline;
    if (!options.baseline.empty()) {
        baseline = baselineOf(workspace, comparison, options.baseline);
    }
    const auto table = jobs::comparisonTable(comparison, metricsNamed(options.metrics, comparison.metrics), baseline);
    if (options.json) {
        printJson(console.out, toJson(comparison, table));
    } else if (options.latex) {
        console.out << jobs::toLatex(table);
    } else if (options.csv) {
        printCsv(console, jobs::toCsv(table));
    } else {
        if (!table.fields.empty() && table.rows.size() > 1) {
            console.out << text::toTerminal(fieldTable(table), tableStyle(console)) << '\n';
        }
        printComparison(table, !options.metrics.empty(), console);
    }
    return ExitCode::Done;
}

} // namespace

void addCompare(CommandLine& line)
{
    line.add<CompareOptions>(
        "compare", "Compare runs: what differs, final metrics as mean and deviation over seeds",
        "dskd compare group:demo --latex > table.tex",
        [](CLI::App& command, CompareOptions& o) {
            runsArgument(command, o.runs)->required();
            command.add_option("--metric", o.metrics, "Show this metric, by its id or title; may be repeated")
                ->type_name("METRIC")
                ->allow_extra_args(false);
            command
                .add_option("--baseline", o.baseline,
                            "Measure the others against this row, by its label or one of its runs (default: the "
                            "student's SFT, else its first row)")
                ->type_name("LABEL|RUN");
            command.add_flag("--latex", o.latex, "A LaTeX table (booktabs)");
            command.add_flag("--csv", o.csv, "CSV with full precision");
        },
        runCompare);
}

} // namespace dskd::cli
