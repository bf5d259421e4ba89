// What a run ended with, read from its folder.

#include "core/jobs/compare.h"
#include "core/jobs/run_facts.h"
#include "core/jobs/run_folder.h"
#include "core/metrics/metric_table.h"
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
    const metrics::Better better = metrics::betterOf(metric);
    if (better == metrics::Better::Unknown) {
        return;
    }
    std::optional<double> best;
    for (const store::MetricPoint& point : points) {
        if (std::isfinite(point.value) &&
            (!best || (better == metrics::Better::Higher ? point.value > *best : point.value < *best))) {
            best = point.value;
        }
    }
    if (best) {
        values[metric + ".best"] = *best;
    }
}

// Time that workers spent on the run, over all attempts; of attempts without their own seconds by the wall clock.
double secondsSpent(store::RunReader& reader)
{
    double seconds = 0.0;
    const std::vector<store::AttemptRow> attempts = reader.attempts();
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        if (attempts[i].seconds) {
            seconds += *attempts[i].seconds;
            continue;
        }
        double end = attempts[i].ended.value_or(attempts[i].started);
        if (!attempts[i].ended && i + 1 == attempts.size()) {
            if (const auto beat = reader.heartbeat()) {
                end = std::max(end, beat->time);
            }
        }
        seconds += std::max(0.0, end - attempts[i].started);
    }
    return seconds;
}

// The run whose checkpoint this job works on; nothing for a training run and for a model from elsewhere.
std::optional<ComparedConfig> trainedBy(store::WorkspaceDb& workspace, const config::Experiment& experiment)
{
    if (experiment.job == config::JobKind::Train) {
        return {};
    }
    const std::filesystem::path checkpoints = std::filesystem::path(experiment.student.model).parent_path();
    const std::string id = checkpoints.parent_path().filename().string();
    const RunLayout source = workspace.layout().run(id);
    std::error_code error;
    if (!std::filesystem::equivalent(source.checkpoints(), checkpoints, error)) {
        return {};
    }
    Result<config::Experiment> trained = runConfig(source);
    if (!trained) {
        return {};
    }
    const Result<store::RunRow> row = workspace.run(id);
    return ComparedConfig{std::move(*trained), row ? row->method : std::string()};
}

} // namespace

Result<ComparedConfig> comparedConfig(store::WorkspaceDb& workspace, const std::string& runId)
{
    const Result<store::RunRow> row = workspace.run(runId);
    if (!row) {
        return row.failure();
    }
    const Result<config::Experiment> experiment = runConfig(workspace.layout().run(runId));
    if (!experiment) {
        return experiment.failure();
    }
    std::optional<ComparedConfig> trained = trainedBy(workspace, *experiment);
    if (!trained) {
        return ComparedConfig{*experiment, row->method};
    }
    trained->experiment.job = experiment->job;
    trained->experiment.evaluate = experiment->evaluate;
    trained->experiment.validation = experiment->validation;
    return *std::move(trained);
}

Result<RunOutcome> readOutcome(store::WorkspaceDb& workspace, const std::string& runId)
{
    const Result<store::RunRow> row = workspace.run(runId);
    if (!row) {
        return row.failure();
    }
    Result<ComparedConfig> compared = comparedConfig(workspace, runId);
    if (!compared) {
        return compared.failure();
    }
    const RunLayout layout = workspace.layout().run(runId);
    RunOutcome outcome;
    outcome.runId = runId;
    outcome.name = row->name;
    outcome.seed = row->seed;
    outcome.status = readStatus(workspace, runId).status;
    outcome.method = std::move(compared->method);
    outcome.experiment = std::move(compared->experiment);
    Result<store::RunReader> reader = store::RunReader::open(layout);
    if (!reader) {
        return reader.failure();
    }
    outcome.facts = readFacts(layout, *reader);
    for (const auto& [metric, newest] : reader->latest()) {
        const metrics::Metric* known = metrics::findMetric(metric);
        if (known == nullptr) { // of another version of the program: shown by its name, and not ranked
            outcome.values[metric + ".last"] = newest.value;
            continue;
        }
        if (known->group == metrics::Group::Validation) {
            addSeries(*reader, metric, outcome.values);
        } else if (known->headline > 0) {
            outcome.values[metric + ".last"] = newest.value;
        }
    }
    if (const double seconds = secondsSpent(*reader); seconds > 0) {
        outcome.values[std::string(metrics::kSeconds)] = seconds;
    }
    return outcome;
}

} // namespace dskd::jobs
