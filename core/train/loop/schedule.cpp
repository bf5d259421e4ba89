#include "core/train/loop/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace dskd::train
{

double LearningRate::at(std::int64_t step) const
{
    if (step < warmupSteps) {
        return peak * static_cast<double>(step + 1) / static_cast<double>(warmupSteps);
    }
    const double span = static_cast<double>(std::max<std::int64_t>(1, totalSteps - warmupSteps));
    const double progress = std::clamp(static_cast<double>(step - warmupSteps) / span, 0.0, 1.0);
    switch (schedule) {
    case config::Schedule::Cosine: {
        const double end = std::min(minimum, peak);
        return end + (peak - end) * 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
    }
    case config::Schedule::Linear: return peak * (1.0 - progress);
    case config::Schedule::Constant: return peak;
    }
    return peak;
}

} // namespace dskd::train
