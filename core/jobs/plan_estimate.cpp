// Many runs one after another: those of a plan, and those of the queue.

#include "core/config/schema/experiment_json.h"
#include "core/jobs/queue_state.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/sample_counts.h"
#include "core/jobs/status.h"
#include "core/jobs/time_estimate.h"
#include "core/preflight/checkpoint_size.h"
#include "core/preflight/preflight.h"
#include "core/preflight/rules.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace dskd::jobs
{
namespace
{

// Optimizer steps of runs. The samples of a file are counted once.
class StepCounter
{
public:
    explicit StepCounter(SampleCounts* kept) : m_kept(kept != nullptr ? *kept : m_own) {}
    // Nothing of a job that trains nothing, and where the data cannot be read.
    std::optional<std::int64_t> of(const config::Experiment& experiment)
    {
        const config::TrainConfig& train = experiment.train;
        if (experiment.job != config::JobKind::Train || train.batchSize <= 0 || train.accumulation <= 0) {
            return std::nullopt;
        }
        if (train.steps > 0) {
            return train.steps;
        }
        const std::string data = config::toJson(experiment).at("data").dump();
        auto known = m_samples.find(data);
        if (known == m_samples.end()) {
            known = m_samples.emplace(data, m_kept.of(experiment.data)).first;
        }
        return known->second
                   ? std::optional(preflight::totalSteps(train, preflight::stepsPerEpoch(train, *known->second)))
                   : std::nullopt;
    }

private:
    SampleCounts m_own;
    SampleCounts& m_kept;
    std::map<std::string, std::optional<std::int64_t>> m_samples; // by the fields of the data, also what is not known
};

// When what is started next, on the slot that is free first, ends.
class Slots
{
public:
    explicit Slots(std::size_t count) : m_ends(std::max<std::size_t>(1, count), 0.0) {}
    double add(double seconds)
    {
        const auto first = std::min_element(m_ends.begin(), m_ends.end());
        *first += seconds;
        return *first;
    }
    [[nodiscard]] double last() const { return *std::max_element(m_ends.begin(), m_ends.end()); }

private:
    std::vector<double> m_ends;
};

std::string runsText(std::size_t count)
{
    return text::counted(static_cast<std::int64_t>(count), "run");
}

// What stands in brackets behind a time.
std::string basis(const Source& source, std::size_t untimed)
{
    const std::string without = untimed == 0 ? "" : "without " + runsText(untimed) + " that nothing is measured for";
    const std::string text = toText(source);
    return text.empty() || without.empty() ? text + without : text + "; " + without;
}

} // namespace

PlanEstimate estimateRuns(store::WorkspaceDb* workspace, const std::vector<config::Experiment>& runs, std::size_t slots,
                          const std::vector<MeasuredRun>& probes, SampleCounts* samples)
{
    auto measured = workspace != nullptr ? measuredRuns(*workspace, runs) : std::vector<MeasuredRun>();
    measured.insert(measured.end(), probes.begin(), probes.end()); // of runs that are as much alike, runs come first
    PlanEstimate estimate;
    estimate.runs = runs.size();
    StepCounter steps(samples);
    Slots time(slots);
    for (const config::Experiment& run : runs) {
        const auto count = steps.of(run);
        const auto seconds = count ? estimateSeconds(measured, run, *count, estimate.source) : std::nullopt;
        if (seconds) {
            time.add(*seconds);
        } else {
            ++estimate.untimed;
            estimate.firstUntimed = estimate.firstUntimed.value_or(static_cast<std::size_t>(&run - runs.data()));
        }
        const auto size = count ? preflight::checkpointSize(run, *count) : Result<preflight::CheckpointSize>(Failure{});
        if (size) {
            estimate.checkpointBytes += size->total();
        } else if (run.job == config::JobKind::Train) {
            ++estimate.unsized;
        }
    }
    if (estimate.untimed < runs.size()) {
        estimate.seconds = time.last();
    }
    return estimate;
}

std::string planText(std::size_t cells, std::size_t runs)
{
    if (cells <= runs) {
        return runsText(runs);
    }
    const std::size_t same = cells - runs;
    return text::counted(static_cast<std::int64_t>(cells), "cell") + ", " + runsText(runs) + ": " +
           std::to_string(same) + (same == 1 ? " has no effect" : " have no effect");
}

std::string toText(const PlanEstimate& estimate)
{
    std::string text = planText(estimate.cells, estimate.runs);
    if (estimate.seconds) {
        text += ", about " + text::duration(*estimate.seconds) + " (" + basis(estimate.source, estimate.untimed) + ")";
    } else if (estimate.runs > 0) {
        text += ", time not known yet (no run like " + std::string(estimate.runs == 1 ? "it" : "them") + ")";
    }
    if (estimate.unsized < estimate.runs) {
        text += ", " + text::bytes(estimate.checkpointBytes) + " of checkpoints";
    }
    if (estimate.unsized > 0) {
        text += ", checkpoints of " + runsText(estimate.unsized) + " not known (models or data cannot be read)";
    }
    return text;
}

QueueForecast forecastQueue(store::WorkspaceDb& workspace, std::size_t slots, SampleCounts* samples)
{
    struct Entry {
        std::string id;
        config::Experiment experiment;
        RunStatus status;
        bool waits = false;
    };
    QueueForecast forecast;
    forecast.paused = queuePaused(workspace);
    std::vector<Entry> entries;
    std::vector<config::Experiment> experiments;
    for (const store::QueueRow& row : workspace.queue()) { // running ones first
        const bool waits = row.state == store::QueueState::Waiting;
        forecast.waiting += waits ? 1 : 0;
        const RunLayout folder = workspace.layout().run(row.runId);
        auto experiment = runConfig(folder);
        if (!experiment) {
            ++forecast.untimed;
            continue;
        }
        experiments.push_back(*experiment);
        entries.push_back({row.runId, *std::move(experiment), readStatus(folder), waits});
    }
    const auto measured = measuredRuns(workspace, experiments);
    StepCounter counter(samples);
    Slots time(slots);
    Slots waiting(slots); // by themselves
    for (const Entry& entry : entries) {
        const RunStatus& status = entry.status;
        const auto total = status.totalSteps > 0 ? std::optional(status.totalSteps) : counter.of(entry.experiment);
        const std::int64_t done = isAlive(status.status) ? status.step : status.checkpoint.value_or(0);
        const auto own =
            std::find_if(measured.begin(), measured.end(), [&](const MeasuredRun& run) { return run.id == entry.id; });
        std::optional<double> seconds;
        if (total && own != measured.end()) {
            seconds = static_cast<double>(std::max<std::int64_t>(0, *total - done)) * own->stepSeconds;
        } else if (total) {
            seconds =
                estimateSeconds(measured, entry.experiment, std::max<std::int64_t>(0, *total - done), forecast.source);
        }
        if (seconds) {
            const double end = time.add(*seconds);
            forecast.secondsLeft[entry.id] = end;
            if (entry.waits) {
                (void)waiting.add(*seconds);
                forecast.waitingSeconds = waiting.last();
            } else {
                forecast.runningSeconds = std::max(end, forecast.runningSeconds.value_or(0.0));
            }
        } else {
            ++forecast.untimed;
        }
    }
    if (!forecast.secondsLeft.empty()) {
        forecast.seconds = time.last();
    }
    return forecast;
}

std::optional<double> QueueForecast::secondsUntilEnd(const store::QueueRow& entry) const
{
    const auto known = secondsLeft.find(entry.runId);
    const bool goesOn = !paused || entry.state == store::QueueState::Running;
    return goesOn && known != secondsLeft.end() ? std::optional(known->second) : std::nullopt;
}

std::string toText(const QueueForecast& forecast)
{
    const std::string why = basis(forecast.source, forecast.untimed);
    const std::string measured = why.empty() ? "" : " (" + why + ")";
    if (forecast.paused) {
        const std::string waits =
            forecast.waiting == 0 ? "no run waits"
            : forecast.waitingSeconds
                ? "about " + text::duration(*forecast.waitingSeconds) + " of work waits" + measured
                : "how long the waiting runs take is not known yet (no run like these)";
        const auto& running = forecast.runningSeconds;
        return "paused; " + waits + (running ? "; what runs now ends in about " + text::duration(*running) : "");
    }
    if (!forecast.seconds) {
        return forecast.untimed == 0 ? "" : "time left not known yet (no run like these)";
    }
    return "about " + text::duration(*forecast.seconds) + " left" + measured;
}

} // namespace dskd::jobs
