#pragma once

#include "core/config/schema/train_config.h"

#include <cstdint>

namespace dskd::train
{

// The learning rate of one parameter group over the run.
struct LearningRate {
    config::Schedule schedule = config::Schedule::Cosine;
    double peak = 0.0;
    double minimum = 0.0; // where the cosine ends; a peak below it is kept as it is
    std::int64_t warmupSteps = 0;
    std::int64_t totalSteps = 1;

    // The rate of update number `step`, counted from 0. Warm-up rises linearly and reaches the peak with its last step;
    // the rest follows the schedule: cosine to `minimum`, constant, or linear to 0. As torch's CosineAnnealingLR the
    // end of the curve belongs to the step after the last one.
    [[nodiscard]] double at(std::int64_t step) const;
};

} // namespace dskd::train
