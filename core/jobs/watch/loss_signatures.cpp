// What the course of losses and scores shows.

#include "core/config/schema/experiment.h"
#include "core/jobs/watch/remedies.h"
#include "core/jobs/watch/series.h"
#include "core/jobs/watch/signatures.h"
#include "core/jobs/watch/thresholds.h"
#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{
namespace
{

using store::MetricPoint;

// The loss is the same sum of the same terms at every step: no own answers that come and go, no adversary, no policy.
bool isComparable(const config::Experiment& experiment)
{
    return experiment.method.objective != config::Objective::PolicyGradient && experiment.onPolicy.ratio == 0.0 &&
           experiment.keyQuery.matching == config::KeyQueryMatching::Off;
}

} // namespace

std::optional<Finding> findNotFinite(const RunEvidence& evidence)
{
    const MetricPoint* first = nullptr;
    std::string name;
    const auto earlier = [&](const MetricPoint& point) { return first == nullptr || point.step < first->step; };
    const auto take = [&](std::string_view metric) {
        const std::vector<MetricPoint>* points = seriesOf(evidence, metric);
        if (points == nullptr) {
            return;
        }
        const auto bad = std::find_if(points->begin(), points->end(),
                                      [](const MetricPoint& point) { return !std::isfinite(point.value); });
        if (bad != points->end() && earlier(*bad)) {
            first = &*bad;
            name = metric;
        }
    };
    for (const std::string_view term : metrics::lossTerms()) { // causes before sums
        take(term);
    }
    for (const auto& [metric, points] : evidence.series) {
        take(metric);
    }
    if (first == nullptr && !evidence.notFinite) {
        return std::nullopt;
    }
    Finding finding;
    finding.headline = "Not a number";
    if (first != nullptr) {
        finding.metric = name;
        finding.step = first->step;
        finding.seen =
            "The " + metrics::titleOf(name) + " was " + text::number(first->value) + " at " + atStep(first->step) + ".";
    } else { // of a run of before, whose worker wrote no point of it
        finding.step = evidence.notFinite->step;
        finding.seen = evidence.notFinite->message;
    }
    finding.why = "A learning rate that is too high, or projectors that begin with weights that do not fit.";
    finding.hint = "Begin a new run with a lower rate or a warm-up; a resume would compute the same again.";
    Remedies remedies(evidence.experiment);
    remedies.lowerRate().warmUp(evidence.totalSteps).clip();
    if (hasProjectors(evidence.experiment)) {
        remedies.lowerProjectorRate().initialise();
    }
    finding.remedies = remedies.take();
    return finding;
}

std::optional<Finding> findDivergence(const RunEvidence& evidence)
{
    const std::vector<MetricPoint>* loss = seriesOf(evidence, metrics::kLoss);
    if (loss == nullptr || !isComparable(evidence.experiment)) {
        return std::nullopt;
    }
    const std::vector<MetricPoint> points = finite(*loss);
    const std::vector<Window> all = windows(points);
    if (all.size() < 4) {
        return std::nullopt;
    }
    const auto lowest =
        std::min_element(all.begin(), all.end() - 1, [](const Window& a, const Window& b) { return a.mean < b.mean; });
    const double bound =
        lowest->mean + std::max({kRiseOfGain * (all.front().mean - lowest->mean), kRiseOfValue * std::abs(lowest->mean),
                                 kRiseOfDeviation * lowest->deviation});
    if (all.back().mean <= bound) {
        return std::nullopt;
    }
    const auto shows = std::find_if(lowest, all.end(), [&](const Window& window) { return window.mean > bound; });
    Finding finding;
    finding.headline = "The loss rises";
    finding.metric = metrics::kLoss;
    finding.step = shows->lastStep;
    finding.seen = "The loss fell to " + text::number(lowest->mean) + " by " + atStep(lowest->lastStep) +
                   " and rose to " + text::number(all.back().mean) + " by " + atStep(all.back().lastStep) +
                   " (means over " + std::to_string(windowSize(points.size())) + " steps).";
    finding.why =
        "Steps that are too large: the learning rate of the student or of the projectors is too high, there is "
        "no warm-up, or gradients are not clipped.";
    finding.hint = "Begin a new run with a lower rate. The checkpoint before the rise is the better student.";
    Remedies remedies(evidence.experiment);
    remedies.lowerRate().warmUp(evidence.totalSteps).clip();
    if (hasProjectors(evidence.experiment)) {
        remedies.lowerProjectorRate();
    }
    finding.remedies = remedies.take();
    return finding;
}

std::optional<Finding> findLossAgainstRouge(const RunEvidence& evidence)
{
    const std::vector<MetricPoint>* losses = seriesOf(evidence, metrics::kValidationLoss);
    const std::vector<MetricPoint>* scores = seriesOf(evidence, metrics::kRougeL);
    if (losses == nullptr || scores == nullptr) {
        return std::nullopt;
    }
    struct Validation {
        std::int64_t step;
        double loss;
        double rouge;
    };
    std::map<std::int64_t, double> rougeAt;
    for (const MetricPoint& point : *scores) {
        rougeAt[point.step] = point.value;
    }
    std::vector<Validation> all;
    for (const MetricPoint& point : finite(*losses)) {
        if (const auto score = rougeAt.find(point.step); score != rougeAt.end() && std::isfinite(score->second)) {
            all.push_back({point.step, point.value, score->second});
        }
    }
    const auto best = std::min_element(all.begin(), all.end(),
                                       [](const Validation& a, const Validation& b) { return a.loss < b.loss; });
    if (all.end() - best < 3 || best->loss <= 0.0) { // two validations after it
        return std::nullopt;
    }
    const Validation& last = all.back();
    if (last.loss < (1.0 + kLossRise) * best->loss || last.rouge < best->rouge + kRougeRise) {
        return std::nullopt;
    }
    Finding finding;
    finding.headline = "The validation loss rises and ROUGE-L does too";
    finding.metric = metrics::kValidationLoss;
    finding.step = best->step;
    finding.seen = "Since " + atStep(best->step) + " the validation loss rose from " + text::number(best->loss) +
                   " to " + text::number(last.loss) + " while ROUGE-L rose from " + text::percent(best->rouge) +
                   " to " + text::percent(last.rouge) + " (" + atStep(last.step) + ").";
    finding.why =
        "The student follows the teacher's distribution rather than the single words of the references, which "
        "the loss counts.";
    finding.hint =
        "Judge by ROUGE-L of generated answers. Of the checkpoints only the newest and the one with the lowest "
        "validation loss are sure to stay.";
    finding.remedies = Remedies(evidence.experiment)
                           .offer("five checkpoints kept",
                                  {{"checkpoint.keep",
                                    std::to_string(std::max<std::int64_t>(5, evidence.experiment.checkpoint.keep))}})
                           .take();
    finding.harmful = false;
    return finding;
}

} // namespace dskd::jobs
