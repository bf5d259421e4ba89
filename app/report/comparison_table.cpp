#include "app/report/comparison_table.h"

#include "app/report/metric_names.h"
#include "app/text/numbers.h"

#include <algorithm>
#include <cmath>

namespace dskd::report
{

namespace
{

std::string withoutQuotes(const std::string& json)
{
    return json.size() >= 2 && json.front() == '"' && json.back() == '"' ? json.substr(1, json.size() - 2) : json;
}

bool isSft(const jobs::OutcomeGroup& group)
{
    if (group.runs.empty()) {
        return false;
    }
    const auto& config = group.runs.front().config;
    const auto objective = config.find("method.objective");
    return objective != config.end() && withoutQuotes(objective->second) == "sft";
}

void markBest(ComparisonTable& table)
{
    for (std::size_t m = 0; m < table.metrics.size(); ++m) {
        const Better better = betterOf(table.metrics[m]);
        ComparisonCell* best = nullptr;
        int candidates = 0;
        for (ComparisonRow& row : table.rows) {
            ComparisonCell& cell = row.cells[m];
            if (better == Better::Unknown || !cell.value || !std::isfinite(cell.value->mean)) {
                continue;
            }
            ++candidates;
            const bool wins = best == nullptr || (better == Better::Lower ? cell.value->mean < best->value->mean
                                                                          : cell.value->mean > best->value->mean);
            best = wins ? &cell : best;
        }
        if (candidates > 1) {
            best->best = true;
        }
    }
}

} // namespace

ComparisonTable comparisonTable(const jobs::Comparison& comparison, std::vector<std::string> metrics)
{
    ComparisonTable table{
        comparison.differingFields, metrics.empty() ? tellingMetrics(comparison.metrics) : std::move(metrics), {}};
    if (comparison.groups.empty()) {
        return table;
    }
    const auto sft = std::find_if(comparison.groups.begin(), comparison.groups.end(), isSft);
    const jobs::OutcomeGroup& baseline = sft == comparison.groups.end() ? comparison.groups.front() : *sft;
    for (const jobs::OutcomeGroup& group : comparison.groups) {
        ComparisonRow row;
        row.label = group.label;
        row.seeds = static_cast<int>(group.runs.size());
        row.baseline = &group == &baseline;
        for (const std::string& field : table.fields) {
            const auto& config = group.runs.front().config;
            const auto value = config.find(field);
            row.fields.push_back(value == config.end() ? "-" : withoutQuotes(value->second));
        }
        for (const std::string& metric : table.metrics) {
            ComparisonCell cell;
            if (const auto value = group.values.find(metric); value != group.values.end()) {
                cell.value = value->second;
                const auto reference = baseline.values.find(metric);
                if (!row.baseline && reference != baseline.values.end()) {
                    cell.delta = value->second.mean - reference->second.mean;
                }
            }
            row.cells.push_back(cell);
        }
        table.rows.push_back(std::move(row));
    }
    markBest(table);
    return table;
}

std::string summaryText(const std::optional<jobs::Summary>& value)
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
        result.columns.push_back({titleOf(metric), text::Align::Right});
        if (hasDelta(metric)) {
            result.columns.push_back({deltaTitle, text::Align::Right});
        }
    }
    for (const ComparisonRow& row : table.rows) {
        std::vector<text::Cell> cells{{row.label}, {std::to_string(row.seeds)}};
        for (std::size_t m = 0; m < table.metrics.size(); ++m) {
            const ComparisonCell& cell = row.cells[m];
            std::string value = summaryText(cell.value);
            if (const auto at = value.find("±"); asciiOnly && at != std::string::npos) {
                value.replace(at, std::string("±").size(), "+-");
            }
            cells.push_back({std::move(value), cell.best});
            if (hasDelta(table.metrics[m])) {
                cells.push_back({row.baseline ? "base" : cell.delta ? text::signedNumber(*cell.delta, 3) : "-"});
            }
        }
        result.rows.push_back(std::move(cells));
    }
    return result;
}

} // namespace dskd::report
