#include "core/jobs/loss_weights.h"

#include "core/metrics/metric_table.h"

#include <algorithm>

namespace dskd::jobs
{
namespace
{

using metrics::Group;
using metrics::InLoss;

LossWeight weightOf(const metrics::Metric& metric, const config::Experiment& experiment)
{
    const bool distils = experiment.method.objective == config::Objective::Kd;
    const double share = distils ? experiment.method.kdRate : 0.0;
    switch (metric.group) {
    case Group::Loss: return {metric.name, 1.0 - share, distils ? "method.kd_rate" : ""};
    case Group::Distillation: return {metric.name, share, "method.kd_rate"};
    case Group::KeyQuery:
        return {metric.name,
                distils && experiment.keyQuery.matching != config::KeyQueryMatching::Off ? experiment.keyQuery.rate
                                                                                         : 0.0,
                "key_query.rate"};
    default: return {metric.name, 0.0, ""};
    }
}

} // namespace

std::vector<LossWeight> lossWeights(const config::Experiment& experiment,
                                    const std::function<bool(std::string_view)>& logged)
{
    if (experiment.method.objective == config::Objective::PolicyGradient) {
        return {};
    }
    const auto all = metrics::allMetrics();
    const bool parts = std::any_of(all.begin(), all.end(), [&](const metrics::Metric& metric) {
        return metric.group == Group::Distillation && metric.inLoss == InLoss::Term && logged(metric.name);
    });
    std::vector<LossWeight> weights;
    for (const metrics::Metric& metric : all) {
        const bool added = metric.inLoss == InLoss::Term || (metric.inLoss == InLoss::Sum && !parts);
        if (const LossWeight weight = weightOf(metric, experiment);
            added && weight.weight != 0.0 && logged(metric.name)) {
            weights.push_back(weight);
        }
    }
    return weights;
}

} // namespace dskd::jobs
