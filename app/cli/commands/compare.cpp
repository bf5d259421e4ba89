// `dskd compare`: runs side by side; seeds of one configuration become mean ± standard deviation.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/terminal/comparison.h"
#include "core/jobs/comparison_table.h"
#include "core/metrics/metric_table.h"
#include "core/text/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

struct CompareOptions : CommonOptions {
    std::vector<std::string> runs;    // also group:NAME
    std::vector<std::string> metrics; // empty: those that tell students apart
    bool latex = false;
};

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
                            {"status", run.status},
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
                values[table.metrics[m]]["best"] = row.cells[m].best;
            }
        }
        groups.push_back({{"label", group.label},
                          {"baseline", row.baseline},
                          {"seeds", group.seeds},
                          {"done", group.done},
                          {"fields", fields},
                          {"values", values},
                          {"runs", runs}});
    }
    nlohmann::json leftOut = nlohmann::json::array();
    for (const jobs::UnreadRun& run : comparison.leftOut) {
        leftOut.push_back({{"run", run.runId}, {"what", run.why.what}, {"hint", run.why.hint}});
    }
    return {{"differing_fields", comparison.differingFields},
            {"metrics", comparison.metrics},
            {"groups", groups},
            {"left_out", leftOut}};
}

text::Table fieldTable(const jobs::ComparisonTable& table)
{
    text::Table fields;
    fields.columns.push_back({"field"});
    for (const jobs::ComparisonRow& row : table.rows) {
        fields.columns.push_back({row.label, text::Align::Left, true});
    }
    for (std::size_t f = 0; f < table.fields.size(); ++f) {
        std::vector<std::string> cells{table.fields[f]};
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
            throw Error("None of these runs has \"" + word + "\".", "There is: " + all + ".", FailureKind::NotFound);
        }
    }
    return named;
}

ExitCode runCompare(const CompareOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const jobs::Comparison comparison = jobs::compareRuns(workspace, findRuns(workspace, options.runs)).value();
    printLeftOut(comparison.leftOut, console);
    const std::vector<std::string> shown = metricsNamed(options.metrics, comparison.metrics);
    const auto table = jobs::comparisonTable(comparison, shown);
    if (options.json) {
        printJson(console.out, toJson(comparison, table));
    } else if (options.latex) {
        console.out << text::toLatex(jobs::toTextTable(table, false, false));
    } else {
        if (!table.fields.empty() && table.rows.size() > 1) {
            console.out << text::toTerminal(fieldTable(table), tableStyle(console)) << '\n';
        }
        printComparison(comparison, shown, console);
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
            command.add_flag("--latex", o.latex, "A LaTeX table (booktabs)");
        },
        runCompare);
}

} // namespace dskd::cli
