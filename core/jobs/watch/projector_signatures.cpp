// What the accuracy of projected states shows.

#include "core/config/methods/method_traits.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/watch/remedies.h"
#include "core/jobs/watch/series.h"
#include "core/jobs/watch/signatures.h"
#include "core/jobs/watch/thresholds.h"
#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"

#include <string>
#include <string_view>

namespace dskd::jobs
{

std::optional<Finding> findStagnation(const RunEvidence& evidence)
{
    const config::Experiment& experiment = evidence.experiment;
    if (!hasProjectors(experiment) || experiment.projector.init != config::ProjectorInit::Random) {
        return std::nullopt;
    }
    const std::string_view name =
        config::comparesInStudentSpace(experiment.method) ? metrics::kT2sAccuracy : metrics::kS2tAccuracy;
    const std::vector<store::MetricPoint>* accuracy = seriesOf(evidence, name);
    if (accuracy == nullptr) {
        return std::nullopt;
    }
    const std::vector<Window> all = windows(finite(*accuracy));
    if (all.size() < 5) {
        return std::nullopt;
    }
    const double now = all.back().mean;
    const double before = all[all.size() / 2].mean;
    double bound = kLeastAccuracy;
    std::string measure = "a fifth of the tokens";
    if (const auto* teacher = seriesOf(evidence, metrics::kTeacherAccuracy)) {
        const std::vector<Window> own = windows(finite(*teacher));
        if (!own.empty()) {
            bound = kShareOfTeacher * own.back().mean;
            measure = "half of the teacher's own " + text::percent(own.back().mean);
        }
    }
    if (now >= bound || now - before >= kLeastGain) {
        return std::nullopt;
    }
    Finding finding;
    finding.headline = "The projectors do not learn";
    finding.metric = name;
    finding.step = all[all.size() / 2].lastStep;
    finding.seen = "The " + metrics::titleOf(name) + " was " + text::percent(before) + " at " + atStep(finding.step) +
                   " and is " + text::percent(now) + " at " + atStep(all.back().lastStep) + ", below " + measure + ".";
    finding.why =
        "The projectors began with random weights, so that what is projected is noise for the other head, and "
        "the student is not taught by it.";
    finding.hint =
        "Begin with the pseudo-inverse, whose projections are near the other head from the first step on, or "
        "give the projectors a higher rate.";
    finding.remedies = Remedies(experiment).initialise().raiseProjectorRate().take();
    return finding;
}

} // namespace dskd::jobs
