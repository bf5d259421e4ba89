#pragma once

#include "core/base/distance.h"

namespace dskd::kernels
{

// The parameters that a distance may need. Defaults are the published ones.
struct DivergenceOptions {
    Distance distance = Distance::Kl;
    double temperature = 1.0;        // both sides' logits are divided by this
    double teacherTemperature = 1.0; // the target's logits are divided by this too
    double skewLambda = 0.1;         // SKL, SRKL
    double adaptiveAlpha = 0.5;      // AKL: largest probability mass of the tail
    bool temperatureSquared = false; // multiply the value by temperature^2
};

} // namespace dskd::kernels
