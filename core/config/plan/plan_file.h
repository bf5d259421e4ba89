#pragma once

#include "core/config/plan/plan.h"

#include <filesystem>

namespace dskd::config
{

// A plan from a file: one that toText() wrote, or a configuration, which is a plan without axes. Fails as
// loadExperiment and parsePlan do.
Result<Plan> loadPlan(const std::filesystem::path& file);

// What a file of the plan holds: where it varies nothing and has one seed at most, its configuration, which `dskd run`
// takes; else the plan.
[[nodiscard]] std::string fileText(const Plan& plan);

} // namespace dskd::config
