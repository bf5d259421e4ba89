#include "app/cli/commands/compare.h"

#include "core/jobs/compare.h"
#include "core/jobs/comparison_table.h"
#include "core/text/table.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

nlohmann::json toJson(const jobs::Comparison& comparison, const jobs::ComparisonTable& table)
{
    nlohmann::json groups = nlohmann::json::array();
    for (std::size_t g = 0; g < comparison.groups.size(); ++g) {
        const jobs::OutcomeGroup& group = comparison.groups[g];
        const jobs::ComparisonRow& row = table.rows[g];
        nlohmann::json runs = nlohmann::json::array();
        for (const jobs::RunOutcome& run : group.runs) {
            runs.push_back({{"run", run.runId}, {"name", run.name}, {"seed", run.seed}, {"status", run.status}});
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
                          {"done", group.done},
                          {"fields", fields},
                          {"values", values},
                          {"runs", runs}});
    }
    return {{"differing_fields", comparison.differingFields}, {"metrics", comparison.metrics}, {"groups", groups}};
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

} // namespace

void printComparison(const jobs::Comparison& comparison, const std::vector<std::string>& metrics, Console& console)
{
    const text::TerminalStyle style{console.width, console.utf8, console.colors};
    jobs::ComparisonTable table = jobs::comparisonTable(comparison, metrics);
    const std::size_t all = table.metrics.size();
    const auto asText = [&] { return jobs::toTextTable(table, table.rows.size() > 1, !console.utf8); };
    while (metrics.empty() && table.metrics.size() > 2 && style.width > 0 &&
           text::fullWidth(asText(), style) > style.width) {
        table.metrics.pop_back();
    }
    console.out << text::toTerminal(asText(), style);
    if (const std::size_t left = all - table.metrics.size(); left > 0) {
        console.out << left << " more metric" << (left == 1 ? "" : "s")
                    << " fit a wider terminal; dskd compare --json has all.\n";
    }
}

int runCompare(const CompareOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    const auto ids = findRuns(*workspace, options.runs);
    if (!ids) {
        return explain(console, ids.failure(), ExitCode::NotFound, options.json);
    }
    const auto comparison = jobs::compareRuns(*workspace, *ids);
    if (!comparison) {
        return explain(console, comparison.failure(), ExitCode::Failed, options.json);
    }
    for (const std::string& metric : options.metrics) {
        const auto& known = comparison->metrics;
        if (std::find(known.begin(), known.end(), metric) == known.end()) {
            std::string all;
            for (const std::string& name : known) {
                all += (all.empty() ? "" : ", ") + name;
            }
            return explain(console, {"None of these runs has \"" + metric + "\".", "There is: " + all + "."},
                           ExitCode::NotFound, options.json);
        }
    }
    const auto table = jobs::comparisonTable(*comparison, options.metrics);
    if (options.json) {
        printJson(console.out, toJson(*comparison, table));
    } else if (options.latex) {
        console.out << text::toLatex(jobs::toTextTable(table, false, false));
    } else {
        const text::TerminalStyle style{console.width, console.utf8, console.colors};
        if (!table.fields.empty() && table.rows.size() > 1) {
            console.out << text::toTerminal(fieldTable(table), style) << '\n';
        }
        printComparison(*comparison, options.metrics, console);
    }
    return toInt(ExitCode::Done);
}

} // namespace dskd::cli
