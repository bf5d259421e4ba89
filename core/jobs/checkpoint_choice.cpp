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

Result<PickedCheckpoint> pickCheckpoint(const RunLayout& run, const std::string& id, const CheckpointChoice& request)
{
    using Which = CheckpointChoice::Which;
    constexpr int kTries = 20; // a training may prune one after another
    for (int i = 0; i < kTries; ++i) {
        const std::vector<std::int64_t> steps = finishedCheckpoints(run);
        if (steps.empty()) {
            return Failure{id + " has no finished checkpoint yet.", "\"dskd checkpoint\" makes a running one write it.",
                           FailureKind::NotFound};
        }
        std::int64_t step = request.which == Which::OfStep ? request.step : steps.back();
        if (std::find(steps.begin(), steps.end(), step) == steps.end()) {
            return Failure{id + " has no checkpoint of step " + std::to_string(step) + ".",
                           "The newest is of step " + std::to_string(steps.back()) + ".", FailureKind::NotFound};
        }
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
