#include "ui/pages/shared/step_index.h"

#include <iterator>

namespace dskd::ui
{

std::optional<std::int64_t> nearestStep(const StepIndex& steps, std::int64_t step)
{
    if (steps.empty()) {
        return std::nullopt;
    }
    const auto after = steps.lower_bound(step);
    if (after == steps.end()) {
        return steps.rbegin()->first;
    }
    if (after == steps.begin() || after->first == step) {
        return after->first;
    }
    const std::int64_t before = std::prev(after)->first;
    return step - before <= after->first - step ? before : after->first;
}

} // namespace dskd::ui
