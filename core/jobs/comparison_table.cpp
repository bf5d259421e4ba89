#include "core/jobs/comparison_table.h"

#include "core/config/methods/method_traits.h"
#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string_view>

namespace dskd::jobs
{

namespace
{

std::string withoutQuotes(const std::string& json)
{
    return json.size() >= 2 && json.front() == '"' && json.back() == '"' ? json.substr(1, json.size() - 2) : json;
}

// Trained on the data's answers alone.
bool isSft(const OutcomeGroup& group)
{
    return !group.runs.empty() && !config::needsTeacher(group.runs.front().experiment);
}

using metrics::Better;
using metrics::betterOf;

constexpr std::string_view kSameStudent = metrics::kValidationLoss; // what is comparable in it has the same student

// For every group the one that it is measured against: itself for a baseline, nothing for a student that stands alone.
std::vector<std::optional<std::size_t>> baselines(const std::vector<OutcomeGroup>& groups)
{
    std::map<std::string, std::vector<std::size_t>> students;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        students[comparableKey(groups[g], kSameStudent)].push_back(g);
    }
    std::vector<std::optional<std::size_t>> result(groups.size());
    for (const auto& [key, members] : students) {
        if (members.size() < 2 && groups.size() > 1) {
            continue;
        }
        const auto sft =
            std::find_if(members.begin(), members.end(), [&](std::size_t member) { return isSft(groups[member]); });
        for (const std::size_t member : members) {
            result[member] = sft == members.end() ? members.front() : *sft;
        }
    }
    return result;
}

void markBest(ComparisonTable& table, const std::vector<OutcomeGroup>& groups)
{
    for (std::size_t m = 0; m < table.metrics.size(); ++m) {
        const Better better = betterOf(table.metrics[m]);
        if (better == Better::Unknown) {
            continue;
        }
        std::map<std::string, std::vector<ComparisonCell*>> comparable;
        for (std::size_t r = 0; r < table.rows.size(); ++r) {
            ComparisonCell& cell = table.rows[r].cells[m];
            // A run that goes on has taken few seconds so far, and its other values are not its last ones either.
            if (groups[r].done > 0 && cell.value && std::isfinite(cell.value->mean)) {
                comparable[comparableKey(groups[r], table.metrics[m])].push_back(&cell);
            }
        }
        for (const auto& [key, cells] : comparable) {
            const auto best =
                std::min_element(cells.begin(), cells.end(), [&](const ComparisonCell* a, const ComparisonCell* b) {
                    return better == Better::Lower ? a->value->mean < b->value->mean : a->value->mean > b->value->mean;
                });
            (*best)->best = cells.size() > 1;
        }
    }
}

ComparisonRow rowOf(const OutcomeGroup& group, const ComparisonTable& table)
{
    ComparisonRow row;
    row.label = group.label;
    row.runs = static_cast<int>(group.runs.size());
    row.seeds = group.seeds;
    row.done = group.done;
    row.student = std::filesystem::path(group.runs.front().experiment.student.model).filename().string();
    for (const std::string& field : table.fields) {
        const auto& config = group.runs.front().config;
        const auto value = config.find(field);
        row.fields.push_back(value == config.end() || value->second.empty() ? "-" : withoutQuotes(value->second));
    }
    return row;
}

} // namespace

ComparisonTable comparisonTable(const Comparison& comparison, std::vector<std::string> metrics)
{
    ComparisonTable table{comparison.differingFields,
                          metrics.empty() ? metrics::headlineMetrics(comparison.metrics) : std::move(metrics),
                          {}};
    const std::vector<std::optional<std::size_t>> baselineOf = baselines(comparison.groups);
    for (std::size_t g = 0; g < comparison.groups.size(); ++g) {
        const OutcomeGroup& group = comparison.groups[g];
        ComparisonRow row = rowOf(group, table);
        row.baseline = baselineOf[g] == g;
        for (const std::string& metric : table.metrics) {
            ComparisonCell cell;
            if (const auto value = group.values.find(metric); value != group.values.end()) {
                cell.value = value->second;
            }
            if (cell.value && baselineOf[g] && !row.baseline && betterOf(metric) != Better::Unknown) {
                const auto& references = comparison.groups[*baselineOf[g]].values;
                if (const auto reference = references.find(metric); reference != references.end()) {
                    cell.baseline = baselineOf[g];
                    cell.delta = cell.value->mean - reference->second.mean;
                }
            }
            row.cells.push_back(cell);
        }
        table.rows.push_back(std::move(row));
    }
    markBest(table, comparison.groups);
    return table;
}

std::string seedsText(const ComparisonRow& row)
{
    const std::string all = std::to_string(row.seeds);
    const std::string done = row.done == row.seeds ? all : std::to_string(row.done) + " of " + all + " done";
    return row.runs > row.seeds ? done + " (of " + std::to_string(row.runs) + " runs)" : done;
}

std::string summaryText(const std::optional<Summary>& value)
{
    if (!value) {
        return "-";
    }
    return value->count > 1 ? text::number(value->mean) + " ± " + text::number(value->deviation, 2)
                            : text::number(value->mean);
}

text::Table toTextTable(const ComparisonTable& table, bool withDeltas, bool asciiOnly)
{
    const auto deltaTitle = asciiOnly ? "delta" : "Δ";
    text::Table result;
    result.columns = {{"runs", text::Align::Left, true}, {"seeds", text::Align::Right}};
    const auto hasDelta = [&](const std::string& metric) { return withDeltas && betterOf(metric) != Better::Unknown; };
    for (const std::string& metric : table.metrics) {
        result.columns.push_back({metrics::titleOf(metric), text::Align::Right});
        if (hasDelta(metric)) {
            result.columns.push_back({deltaTitle, text::Align::Right});
        }
    }
    for (const ComparisonRow& row : table.rows) {
        std::vector<text::Cell> cells{{row.label}, {seedsText(row)}};
        for (std::size_t m = 0; m < table.metrics.size(); ++m) {
            const ComparisonCell& cell = row.cells[m];
            std::string value = summaryText(cell.value);
            if (const auto at = value.find("±"); asciiOnly && at != std::string::npos) {
                value.replace(at, std::string("±").size(), "+-");
            }
            cells.push_back({std::move(value), cell.best});
            if (hasDelta(table.metrics[m])) {
                cells.push_back({row.baseline && cell.value ? "base"
                                 : cell.delta               ? text::signedNumber(*cell.delta, 3)
                                                            : "-"});
            }
        }
        result.rows.push_back(std::move(cells));
    }
    return result;
}

} // namespace dskd::jobs
