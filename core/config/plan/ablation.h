#pragma once

// The ablation of the paper (DSKD, Tables 1 and 2): where distributions are compared, times by which distance.

#include "core/config/plan/plan.h"

namespace dskd::config
{

inline constexpr std::size_t kAblationSeeds = 5;

// An axis of the spaces in which method.distance has an effect, and one of the distances that the published code
// compares. From the tables of both.
[[nodiscard]] std::vector<Axis> spacesAndDistances();

// As many seeds as kAblationSeeds, from `first` on.
[[nodiscard]] std::vector<std::uint64_t> ablationSeeds(std::uint64_t first);

} // namespace dskd::config
