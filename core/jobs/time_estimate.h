#pragma once

// How long runs will take: from the steps of runs like them that the workspace has, never from a guess. And what their
// checkpoints take of the disk.

#include "core/config/schema/experiment.h"
#include "core/store/workspace_db.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dskd::jobs
{

inline constexpr std::int64_t kProbeSteps = 12;

// The values of the fields that decide how long a step takes, as JSON, where they have an effect.
[[nodiscard]] std::map<std::string, std::string> costFields(const config::Experiment& experiment);

// A training run whose speed is known.
struct MeasuredRun {
    std::string id;
    std::string name;                          // as lists show it
    std::map<std::string, std::string> fields; // costFields() of it
    double setupSeconds = 0.0;                 // until the first step
    double stepSeconds = 0.0;                  // per step, with validation, probes and checkpoints
    bool isProbe = false; // no run of the workspace: some steps that were made to measure them (step_probe.h)
    double secondsOf(std::int64_t steps) const { return setupSeconds + static_cast<double>(steps) * stepSeconds; }
};

// Runs of the workspace whose last attempt made enough steps to measure, the newest first, and no more than are needed;
// also those that the queue runs now, however old. What was never started is passed over.
// Only those of the same models as one of `like`; reads config.json and run.db of each. What cannot be read is left
// out. Throws as WorkspaceDb does.
[[nodiscard]] std::vector<MeasuredRun> measuredRuns(store::WorkspaceDb& workspace,
                                                    const std::vector<config::Experiment>& like);

// What an estimate rests on.
struct Source {
    std::vector<std::string> runs;   // their names, each once
    bool probe = false;              // steps that were made to measure them, too
    std::vector<std::string> differ; // short names of fields in which they differ from what is estimated
};
// "measured on "demo dual", which differs in space", "measured on "demo dual" and 2 others". Empty without runs.
[[nodiscard]] std::string toText(const Source& source);

// Seconds that `steps` steps of the experiment take, by the runs that are most like it; nothing where there is none
// with the same models, data, lengths, batch, precision and device. Adds the runs to `source`.
[[nodiscard]] std::optional<double> estimateSeconds(const std::vector<MeasuredRun>& measured,
                                                    const config::Experiment& experiment, std::int64_t steps,
                                                    Source& source);

struct PlanEstimate {
    std::size_t cells = 0; // of the plan whose runs these are (config::numCells), where its caller gives them
    std::size_t runs = 0;
    std::optional<double> seconds;           // until the last ends; nothing: of no run is the time known
    std::size_t untimed = 0;                 // runs that are not in `seconds`
    std::optional<std::size_t> firstUntimed; // the place of the first of them
    Source source;
    std::uint64_t checkpointBytes = 0; // at most, when all have ended
    std::size_t unsized = 0;           // runs that are not in it, because their models cannot be read
};

class SampleCounts; // sample_counts.h

// Of runs that are not made yet, `slots` at a time (localSlots). Without a workspace the time is known by probes alone.
// `samples`: of those who ask again; without it every training file is read that steps are to be counted of.
[[nodiscard]] PlanEstimate estimateRuns(store::WorkspaceDb* workspace, const std::vector<config::Experiment>& runs,
                                        std::size_t slots, const std::vector<MeasuredRun>& probes = {},
                                        SampleCounts* samples = nullptr);
// "18 runs", or where some cells of a plan are the same run as others "27 cells, 19 runs: 8 have no effect".
[[nodiscard]] std::string planText(std::size_t cells, std::size_t runs);
// "18 runs, about 6 h 20 m (measured on "demo dual"), 4.2 GB of checkpoints"
[[nodiscard]] std::string toText(const PlanEstimate& estimate);

// How long the queue takes. While it is paused the end of the waiting runs is not known: then the duration is given.
struct QueueForecast {
    bool paused = false;                       // queuePaused
    std::map<std::string, double> secondsLeft; // by run id: until it ends, were the queue not paused
    std::optional<double> seconds;             // until the last of them ends, likewise
    std::optional<double> runningSeconds;      // until the last of those that run now ends
    std::optional<double> waitingSeconds;      // that the waiting ones take by themselves
    std::size_t waiting = 0;                   // waiting runs
    std::size_t untimed = 0;                   // queued runs that are not in it
    Source source;                             // running runs measure themselves
    // Until the run of this entry ends; none where that is not known, and of one that waits while the queue is paused.
    [[nodiscard]] std::optional<double> secondsUntilEnd(const store::QueueRow& entry) const;
};

[[nodiscard]] QueueForecast forecastQueue(store::WorkspaceDb& workspace, std::size_t slots,
                                          SampleCounts* samples = nullptr);
// "about 3 h 10 m left (measured on …)", "paused; about 2 h 0 m of work waits (measured on …)"; empty for an empty
// queue that is not paused.
[[nodiscard]] std::string toText(const QueueForecast& forecast);

// The sentence of the preflight's "time": so many steps of this experiment.
[[nodiscard]] std::string timeSentence(const std::vector<MeasuredRun>& measured, const config::Experiment& experiment,
                                       std::int64_t steps);

} // namespace dskd::jobs
