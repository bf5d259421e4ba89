#pragma once

#include "core/base/run_layout.h"
#include "core/config/plan/plan.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/workspace_repair.h"
#include "core/store/workspace_db.h"

#include <optional>
#include <string>
#include <vector>

namespace dskd::jobs
{

// A run whose folder was there and whose row was not, until now.
struct TakenUpRun {
    std::string id;
    RunLayout folder; // in runs/ or in the trash
};

// Gives these runs their experiments back, with the plans that they were made from: by what their folders keep
// (run_origin.h), else by their group and the values in their names (planOfGroup). Runs of neither kind are left to
// placeRuns (experiments.h). Adds to `repair` what was done and what was not.
void restoreExperiments(store::WorkspaceDb& workspace, const std::vector<TakenUpRun>& runs, Repair& repair);

// The plan that these runs are made by, all of them under the names that they have ("space=dual distance=kl"); none
// where there is no such plan. Combinations that no run has are excluded.
[[nodiscard]] std::optional<config::Plan> planOfGroup(const std::string& group,
                                                      const std::vector<config::Experiment>& runs);

} // namespace dskd::jobs
