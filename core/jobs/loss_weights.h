#pragma once

// With what weights the logged terms make the logged loss, for charts that stack them. Any thread.

#include "core/config/schema/experiment.h"

#include <functional>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

struct LossWeight {
    std::string_view metric; // its name in the table of metrics
    double weight = 0.0;
    std::string_view field; // the field of the weight: "method.kd_rate"; empty: no field weighs it
};

// loss = sum of weight x term over the terms that a run has logged (core/distill/loss_terms.h, Eqn. 15):
//   fine-tuning   nll_loss
//   distillation  (1 - kd_rate) nll_loss + kd_rate (t2s_ce_loss + t2s_kd_loss + s2t_kd_loss) + key_query.rate kq_loss,
//                 and of a method in different spaces, which logs none of the three, kd_rate kd_loss
// In the order of the table of metrics, without terms of weight 0. `logged`: whether the run has a metric. Empty: none
// of them, or policy gradient, whose answers weigh differently from step to step.
[[nodiscard]] std::vector<LossWeight> lossWeights(const config::Experiment& experiment,
                                                  const std::function<bool(std::string_view)>& logged);

} // namespace dskd::jobs
