#pragma once

// What runs will take in time and disk, for the commands that plan, check or queue them.

#include "app/cli/workspace_access.h"
#include "core/jobs/time_estimate.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace dskd::cli
{

// One run at a time per GPU of this machine, as the queue starts them. Without a workspace the time is known by probes
// alone.
[[nodiscard]] jobs::PlanEstimate estimateHere(store::WorkspaceDb* workspace,
                                              const std::vector<config::Experiment>& runs,
                                              const std::vector<jobs::MeasuredRun>& probes = {});

// {"runs", "seconds" (null: not known), "untimed_runs", "measured_on", "probe", "differ_in", "checkpoint_bytes",
// "unsized_runs"}
[[nodiscard]] nlohmann::json toJson(const jobs::PlanEstimate& estimate);

// Planned runs as a dry run names them: "space=dual, seed 10" a line; {"name", "seed"} of each.
void printPlanned(const std::vector<config::Experiment>& runs, Console& console);
[[nodiscard]] nlohmann::json plannedJson(const std::vector<config::Experiment>& runs);

} // namespace dskd::cli
