#include "core/jobs/compare.h"

#include "core/config/experiment_json.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace dskd::jobs
{
namespace
{

// Scores grow with quality, losses and distances shrink.
bool higherIsBetter(const std::string& metric)
{
    return metric.find("rouge") != std::string::npos || metric.find("acc") != std::string::npos ||
           metric.find("exact_match") != std::string::npos;
}

void addSeries(store::RunReader& reader, const std::string& metric, std::map<std::string, double>& values)
{
    const std::vector<store::MetricPoint> points = reader.series(metric);
    if (points.empty()) {
        return;
    }
    values[metric + ".last"] = points.back().value;
    std::optional<double> best;
    for (const store::MetricPoint& point : points) {
        if (std::isfinite(point.value) &&
            (!best || (higherIsBetter(metric) ? point.value > *best : point.value < *best))) {
            best = point.value;
        }
    }
    if (best) {
        values[metric + ".best"] = *best;
    }
}

// Time that workers spent on the run, over all attempts.
double secondsSpent(store::RunReader& reader)
{
    double seconds = 0.0;
    const std::vector<store::AttemptRow> attempts = reader.attempts();
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        double end = attempts[i].ended.value_or(attempts[i].started);
        if (!attempts[i].ended && i + 1 == attempts.size()) {
            if (const auto beat = reader.heartbeat()) {
                end = std::max(end, beat->time);
            }
        }
        seconds += end - attempts[i].started;
    }
    return seconds;
}

// A value as people write it: without quotes, of a path only its end.
std::string shortValue(const std::string& json)
{
    const auto value = nlohmann::json::parse(json, nullptr, false);
    if (!value.is_string()) {
        return json;
    }
    const auto text = value.get<std::string>();
    const std::filesystem::path path(text);
    return path.is_absolute() && path.has_filename() ? path.filename().string() : text;
}

std::string shortName(const std::string& path)
{
    const std::string tail = path.substr(path.rfind('.') + 1);
    const Result<std::string> full = config::resolveField(tail);
    return full && *full == path ? tail : path;
}

std::vector<std::string> differing(const std::vector<RunOutcome>& outcomes)
{
    std::vector<std::string> fields;
    for (const config::FieldInfo& field : config::fieldReference()) {
        if (!decidesOutcome(field.path)) {
            continue;
        }
        std::set<std::string> seen;
        for (const RunOutcome& outcome : outcomes) {
            const auto value = outcome.config.find(field.path);
            seen.insert(value == outcome.config.end() ? "" : value->second);
        }
        if (seen.size() > 1) {
            fields.push_back(field.path);
        }
    }
    return fields;
}

} // namespace

Summary summarize(const std::vector<double>& values)
{
    Summary summary;
    summary.count = static_cast<int>(values.size());
    if (values.empty()) {
        return summary;
    }
    for (const double value : values) {
        summary.mean += value;
    }
    summary.mean /= summary.count;
    if (summary.count > 1) {
        double squares = 0.0;
        for (const double value : values) {
            squares += (value - summary.mean) * (value - summary.mean);
        }
        summary.deviation = std::sqrt(squares / (summary.count - 1));
    }
    return summary;
}

Result<RunOutcome> readOutcome(store::WorkspaceDb& workspace, const std::string& runId)
{
    const Result<store::RunRow> row = workspace.run(runId);
    if (!row) {
        return row.failure();
    }
    const RunLayout layout = workspace.layout().run(runId);
    const Result<config::Experiment> experiment = runConfig(layout);
    if (!experiment) {
        return experiment.failure();
    }
    RunOutcome outcome{runId, row->name, row->seed, std::string(name(readStatus(workspace, runId).status)), {}, {}};
    for (const config::FieldInfo& field : config::fieldReference()) {
        outcome.config[field.path] = config::fieldValue(*experiment, field.path).dump();
    }
    Result<store::RunReader> reader = store::RunReader::open(layout);
    if (!reader) {
        return reader.failure();
    }
    for (const std::string& metric : reader->metricNames()) {
        if (metric.starts_with("validation.") || metric.starts_with("evaluation.")) {
            addSeries(*reader, metric, outcome.values);
        }
    }
    const auto latest = reader->latest();
    if (const auto loss = latest.find("loss"); loss != latest.end()) {
        outcome.values["loss.last"] = loss->second.value;
    }
    if (const double seconds = secondsSpent(*reader); seconds > 0) {
        outcome.values["seconds"] = seconds;
    }
    return outcome;
}

Comparison compareOutcomes(std::vector<RunOutcome> outcomes)
{
    Comparison comparison;
    comparison.differingFields = differing(outcomes);
    std::map<std::vector<std::string>, std::size_t> places; // values of the differing fields -> group
    std::set<std::string> metrics;
    for (RunOutcome& outcome : outcomes) {
        std::vector<std::string> key;
        std::string label;
        for (const std::string& field : comparison.differingFields) {
            key.push_back(outcome.config[field]);
            label += (label.empty() ? "" : ", ") + shortName(field) + "=" + shortValue(key.back());
        }
        for (const auto& [metric, value] : outcome.values) {
            metrics.insert(metric);
        }
        const auto [place, isNew] = places.try_emplace(key, comparison.groups.size());
        if (isNew) {
            comparison.groups.push_back({label.empty() ? outcome.name : label, {}, {}});
        }
        comparison.groups[place->second].runs.push_back(std::move(outcome));
    }
    comparison.metrics.assign(metrics.begin(), metrics.end());
    for (OutcomeGroup& group : comparison.groups) {
        for (const std::string& metric : comparison.metrics) {
            std::vector<double> values;
            for (const RunOutcome& run : group.runs) {
                if (const auto value = run.values.find(metric); value != run.values.end()) {
                    values.push_back(value->second);
                }
            }
            if (!values.empty()) {
                group.values[metric] = summarize(values);
            }
        }
    }
    return comparison;
}

Result<Comparison> compareRuns(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds)
{
    std::vector<RunOutcome> outcomes;
    for (const std::string& id : runIds) {
        Result<RunOutcome> outcome = readOutcome(workspace, id);
        if (!outcome) {
            return outcome.failure();
        }
        outcomes.push_back(std::move(*outcome));
    }
    return compareOutcomes(std::move(outcomes));
}

} // namespace dskd::jobs
