#include "core/jobs/comparison_table.h"

#include "core/config/methods/method_traits.h"
#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <utility>

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

using Baselines = std::vector<std::optional<std::size_t>>; // of every group

// Of groups of one student the one that the others are measured against. What a run ended with that is not done (it
// crashed, failed, was stopped, runs) is no measure where a done one is there; among equals SFT comes first, then the
// order of the comparison.
std::size_t baselineAmong(const std::vector<OutcomeGroup>& groups, const std::vector<std::size_t>& members)
{
    const auto worth = [&](std::size_t member) { return std::pair(groups[member].done > 0, isSft(groups[member])); };
    return *std::max_element(members.begin(), members.end(),
                             [&](std::size_t a, std::size_t b) { return worth(a) < worth(b); }); // the first of equals
}

// For every group the one that it is measured against: itself for a baseline, nothing for a student that stands alone.
Baselines defaultBaselines(const std::vector<OutcomeGroup>& groups)
{
    std::map<std::string, std::vector<std::size_t>> students;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        students[comparableKey(groups[g], kSameStudent)].push_back(g);
    }
    Baselines result(groups.size());
    for (const auto& [key, members] : students) {
        if (members.size() < 2 && groups.size() > 1) {
            continue;
        }
        const std::size_t baseline = baselineAmong(groups, members);
        for (const std::size_t member : members) {
            result[member] = baseline;
        }
    }
    return result;
}

void rankRows(ComparisonTable& table, const Comparison& comparison)
{
    std::vector<const OutcomeGroup*> groups;
    groups.reserve(comparison.groups.size());
    for (const OutcomeGroup& group : comparison.groups) {
        groups.push_back(&group);
    }
    for (std::size_t m = 0; m < table.metrics.size(); ++m) {
        const std::vector<Rank> ranks = rankGroups(groups, table.metrics[m], Pairing::Auto, comparison.scores);
        for (std::size_t r = 0; r < ranks.size(); ++r) {
            table.rows[r].cells[m].rank = ranks[r];
        }
    }
}

// Of a field the value that the runs of the group share, of a fact all that they have: "CPU / cuda:0".
std::string valueOf(const OutcomeGroup& group, const std::string& field)
{
    const auto& config = group.runs.front().config;
    if (const auto value = config.find(field); value != config.end() && !value->second.empty()) {
        return withoutQuotes(value->second);
    }
    std::set<std::string> facts;
    for (const RunOutcome& run : group.runs) {
        if (const auto fact = run.facts.find(field); fact != run.facts.end()) {
            facts.insert(fact->second);
        }
    }
    std::string all;
    for (const std::string& fact : facts) {
        all += (all.empty() ? "" : " / ") + fact;
    }
    return all.empty() ? "-" : all;
}

std::vector<std::uint64_t> countedSeeds(const OutcomeGroup& group)
{
    std::vector<std::uint64_t> seeds;
    for (const RunOutcome* run : countedRuns(group)) {
        seeds.push_back(run->seed);
    }
    std::sort(seeds.begin(), seeds.end());
    return seeds;
}

ComparisonRow rowOf(const OutcomeGroup& group, const ComparisonTable& table)
{
    ComparisonRow row;
    row.label = group.label;
    row.runs = static_cast<int>(group.runs.size());
    row.seeds = group.seeds;
    row.done = group.done;
    row.running = group.running;
    row.seedsCounted = countedSeeds(group);
    row.student = std::filesystem::path(group.runs.front().experiment.student.model).filename().string();
    for (const std::string& field : table.fields) {
        row.fields.push_back(valueOf(group, field));
    }
    return row;
}

} // namespace

ComparisonTable comparisonTable(const Comparison& comparison, std::vector<std::string> metrics,
                                std::optional<std::size_t> baseline)
{
    const std::vector<OutcomeGroup>& groups = comparison.groups;
    ComparisonTable table{comparison.differingFields,
                          metrics.empty() ? metrics::headlineMetrics(comparison.metrics) : std::move(metrics),
                          {}};
    table.fields.insert(table.fields.end(), comparison.differingFacts.begin(), comparison.differingFacts.end());
    const Baselines baselineOf = baseline ? Baselines(groups.size(), baseline) : defaultBaselines(groups);
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const OutcomeGroup& group = groups[g];
        ComparisonRow row = rowOf(group, table);
        row.baseline = baselineOf[g] == g;
        for (const std::string& metric : table.metrics) {
            ComparisonCell cell;
            if (const auto value = group.values.find(metric); value != group.values.end()) {
                cell.value = value->second;
            }
            if (cell.value && baselineOf[g] && !row.baseline && betterOf(metric) != Better::Unknown) {
                const OutcomeGroup& base = groups[*baselineOf[g]];
                const auto reference = base.values.find(metric);
                if (reference != base.values.end() && comparableKey(base, metric) == comparableKey(group, metric)) {
                    cell.baseline = baselineOf[g];
                    cell.delta = cell.value->mean - reference->second.mean;
                }
            }
            row.cells.push_back(cell);
        }
        table.rows.push_back(std::move(row));
    }
    rankRows(table, comparison);
    return table;
}

std::string markNote(const ComparisonTable& table, const std::string& bold, bool asciiOnly)
{
    std::vector<const Rank*> ranks;
    for (const ComparisonRow& row : table.rows) {
        for (const ComparisonCell& cell : row.cells) {
            ranks.push_back(&cell.rank);
        }
    }
    return rankNote(ranks, {bold, tieMark(asciiOnly), "the rows that compare with it"});
}

std::string seedsText(const ComparisonRow& row)
{
    const std::string all = std::to_string(row.seeds);
    std::string text = row.done == row.seeds ? all : std::to_string(row.done) + " of " + all + " done";
    text += row.running > 0 ? ", " + std::to_string(row.running) + " running" : "";
    return row.runs > row.seeds ? text + " (of " + std::to_string(row.runs) + " runs)" : text;
}

namespace
{

bool hasShownFactor(const std::string& metric, double value)
{
    return metrics::shownFactor(metric) != 1.0 && std::isfinite(value);
}

double shownNumber(const std::string& metric, double value)
{
    constexpr double kDigits = 1e10; // the product has more, which nobody has measured
    return std::round(value * metrics::shownFactor(metric) * kDigits) / kDigits;
}

} // namespace

std::string summaryText(const std::string& metric, const std::optional<Summary>& value)
{
    if (!value) {
        return "-";
    }
    const double factor = metrics::shownFactor(metric);
    const std::string mean = text::number(value->mean * factor);
    return value->count > 1 ? mean + " ± " + text::number(value->deviation * factor, 2) : mean;
}

std::string preciseText(const std::string& metric, double value)
{
    return hasShownFactor(metric, value) ? text::exact(shownNumber(metric, value)) + " %" : text::exact(value);
}

std::string preciseDelta(const std::string& metric, double delta)
{
    const std::string sign = delta > 0 ? "+" : "";
    return sign + (hasShownFactor(metric, delta) ? text::exact(shownNumber(metric, delta)) + " percentage points"
                                                 : text::exact(delta));
}

std::string deltaText(const std::string& metric, double delta)
{
    return text::signedNumber(delta * metrics::shownFactor(metric), 3);
}

} // namespace dskd::jobs
