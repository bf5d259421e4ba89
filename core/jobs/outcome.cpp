// What a run ended with, read from its folder.

#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/compare.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "core/metrics/metric_order.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace dskd::jobs
{
namespace
{

void addSeries(store::RunReader& reader, const std::string& metric, std::map<std::string, double>& values)
{
    const std::vector<store::MetricPoint> points = reader.series(metric);
    if (points.empty()) {
        return;
    }
    values[metric + ".last"] = points.back().value;
    const Better better = betterOf(metric);
    if (better == Better::Unknown) {
        return;
    }
    std::optional<double> best;
    for (const store::MetricPoint& point : points) {
        if (std::isfinite(point.value) &&
            (!best || (better == Better::Higher ? point.value > *best : point.value < *best))) {
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

// The configuration of the run whose checkpoint this job works on; nothing for a training run and for a model from
// elsewhere.
std::optional<config::Experiment> trainedBy(const WorkspaceLayout& workspace, const config::Experiment& experiment)
{
    if (experiment.job == config::JobKind::Train) {
        return {};
    }
    const std::filesystem::path checkpoints = std::filesystem::path(experiment.student.model).parent_path();
    const RunLayout source = workspace.run(checkpoints.parent_path().filename().string());
    std::error_code error;
    if (!std::filesystem::equivalent(source.checkpoints(), checkpoints, error)) {
        return {};
    }
    Result<config::Experiment> trained = runConfig(source);
    return trained ? std::optional(std::move(*trained)) : std::nullopt;
}

bool isOfTheEvaluationItself(std::string_view path)
{
    return path == "job" || path.starts_with("evaluate.") || path.starts_with("validation.");
}

} // namespace

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
    RunOutcome outcome{runId, row->name, row->seed, std::string(name(readStatus(workspace, runId).status)), {}, {}, {}};
    const std::optional<config::Experiment> trained = trainedBy(workspace.layout(), *experiment);
    if (const auto named = config::methodOf(trained ? *trained : *experiment)) {
        outcome.method = config::namedMethods()[*named].id;
    }
    for (const config::FieldInfo& field : config::fieldReference()) {
        const config::Experiment& says = trained && !isOfTheEvaluationItself(field.path) ? *trained : *experiment;
        outcome.config[field.path] = config::fieldValue(says, field.path).dump();
    }
    Result<store::RunReader> reader = store::RunReader::open(layout);
    if (!reader) {
        return reader.failure();
    }
    for (const std::string& metric : reader->metricNames()) {
        if (metric.starts_with("validation.")) {
            addSeries(*reader, metric, outcome.values);
        }
    }
    const auto latest = reader->latest();
    for (const char* metric : {"loss", "nll_loss"}) {
        if (const auto loss = latest.find(metric); loss != latest.end()) {
            outcome.values[std::string(metric) + ".last"] = loss->second.value;
        }
    }
    if (const double seconds = secondsSpent(*reader); seconds > 0) {
        outcome.values["seconds"] = seconds;
    }
    return outcome;
}

} // namespace dskd::jobs
