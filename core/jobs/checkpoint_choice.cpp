#include "core/jobs/checkpoint_choice.h"

#include "core/metrics/metric_table.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace dskd::jobs
{
namespace
{

// None: no step has a validation loss.
std::optional<std::int64_t> bestOf(const std::vector<std::int64_t>& steps, const RunLayout& run)
{
    store::RunReader reader = store::RunReader::open(run).value();
    std::map<std::int64_t, double> losses;
    for (const store::MetricPoint& point : reader.series(std::string(metrics::kValidationLoss))) {
        losses[point.step] = point.value;
    }
    std::optional<std::int64_t> best;
    for (const std::int64_t step : steps) {
        const auto loss = losses.find(step);
        if (loss != losses.end() && std::isfinite(loss->second) && (!best || loss->second < losses.at(*best))) {
            best = step;
        }
    }
    return best;
}

} // namespace

Result<std::int64_t> chooseStep(const std::vector<std::int64_t>& finished, const std::string& id,
                                std::optional<std::int64_t> wanted)
{
    if (finished.empty()) {
        return Failure{id + " has no finished checkpoint yet.", "\"dskd checkpoint\" makes a running one write it.",
                       FailureKind::NotFound};
    }
    if (wanted && std::find(finished.begin(), finished.end(), *wanted) == finished.end()) {
        std::string steps;
        for (const std::int64_t step : finished) {
            steps += (steps.empty() ? "" : ", ") + std::to_string(step);
        }
        return Failure{id + " has no checkpoint of step " + std::to_string(*wanted) + ".", "It has: " + steps + ".",
                       FailureKind::NotFound};
    }
    return wanted.value_or(finished.back());
}

Result<PickedCheckpoint> pickCheckpoint(const RunLayout& run, const std::string& id, const CheckpointChoice& request)
{
    using Which = CheckpointChoice::Which;
    constexpr int kTries = 20; // a training may prune one after another
    for (int i = 0; i < kTries; ++i) {
        const std::vector<std::int64_t> steps = finishedCheckpoints(run);
        const auto chosen =
            chooseStep(steps, id, request.which == Which::OfStep ? std::optional(request.step) : std::nullopt);
        if (!chosen) {
            return chosen.failure();
        }
        std::int64_t step = *chosen;
        if (request.which == Which::Best) {
            const std::optional<std::int64_t> best = bestOf(steps, run);
            if (!best) {
                return Failure{"None of the checkpoints of " + id + " was validated, so none is the best.",
                               "Take the newest.", FailureKind::NotFound};
            }
            step = *best;
        }
        if (auto use = CheckpointUse::of(run.checkpoint(step))) {
            return PickedCheckpoint{step, *std::move(use)};
        } // pruned just now: there is a newer one
    }
    return Failure{"The checkpoints of " + id + " come and go faster than they can be read.",
                   "Set checkpoint.keep higher, or wait until it is done."};
}

} // namespace dskd::jobs
