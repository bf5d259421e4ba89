#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace dskd::ui
{

// The steps at which something was recorded, each with its place: the id of a row, an index into a list.
using StepIndex = std::map<std::int64_t, std::int64_t>;

// The recorded step nearest to `step`, the earlier one of two equally near; none when nothing is recorded.
[[nodiscard]] std::optional<std::int64_t> nearestStep(const StepIndex& steps, std::int64_t step);

} // namespace dskd::ui
