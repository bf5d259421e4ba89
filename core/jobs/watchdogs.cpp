#include "core/jobs/watchdogs.h"

#include "core/config/schema/experiment_json.h"
#include "core/jobs/watch/signatures.h"

namespace dskd::jobs
{
namespace
{

constexpr Watchdog kWatchdogs[] = {
    {"not_finite", "Not a number", "A logged value is NaN or infinite.", findNotFinite},
    {"divergence", "Divergence", "The training loss rises far above its lowest.", findDivergence},
    {"length_mismatch", "Length mismatch", "Both sides of samples have lengths that do not fit each other.",
     findLengthMismatch},
    {"stagnation", "Stagnation", "Projectors that began with random weights do not learn.", findStagnation},
    {"attention_collapse", "Attention collapse", "Cross-model attention goes to one token, or to all alike.",
     findAttentionCollapse},
    {"low_coverage", "Low coverage", "Many of the student's tokens have no partner.", findLowCoverage},
    {"loss_against_rouge", "Loss against ROUGE-L", "The validation loss rises while ROUGE-L rises.",
     findLossAgainstRouge},
};

} // namespace

std::span<const Watchdog> watchdogs()
{
    return kWatchdogs;
}

std::vector<Finding> look(const RunEvidence& evidence)
{
    std::vector<Finding> findings;
    if (evidence.experiment.job != config::JobKind::Train) {
        return findings;
    }
    for (const Watchdog& watchdog : kWatchdogs) {
        if (auto finding = watchdog.find(evidence)) {
            finding->signature = watchdog.name;
            findings.push_back(*std::move(finding));
        }
    }
    return findings;
}

Result<config::Experiment> withRemedy(config::Experiment experiment, const Remedy& remedy)
{
    for (const auto& [field, value] : remedy.fields) {
        if (const auto set = config::setField(experiment, field, value); !set) {
            return set.failure();
        }
    }
    return experiment;
}

std::vector<FindingMark> marksOf(std::span<const Finding> findings)
{
    std::vector<FindingMark> marks;
    for (const Finding& finding : findings) {
        if (!finding.metric.empty()) {
            marks.push_back({finding.metric, finding.step, finding.headline});
        }
    }
    return marks;
}

} // namespace dskd::jobs
