#pragma once

// How far an experiment is: what a revision of it plans, beside the runs that it has.

#include "core/base/result.h"
#include "core/config/plan/plan.h"
#include "core/jobs/run_stage.h"
#include "core/jobs/status.h"
#include "core/store/experiment_table.h"
#include "core/store/workspace_db.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dskd::jobs
{

// A planned run, and the runs in use that are it: of the experiment, with its configuration and seed, the oldest first.
struct PlanEntry {
    config::Experiment run; // called as plannedRuns (experiments.h) calls it
    std::vector<std::string> made;
};

struct PlanState {
    std::vector<PlanEntry> entries;   // in the order of the plan
    std::size_t cells = 0;            // config::numCells of it
    std::vector<std::string> others;  // runs in use of the experiment that the plan does not have
    std::vector<std::string> earlier; // of these, runs that earlier revisions made; in the order of `others`
    // Fields of its axes that configHash leaves out, train.threads for instance.
    std::vector<std::string> axesWithoutHash;
};

// What is equal for runs that are one run of the plan: configHash, seed, and the fields of axes that the hash leaves
// out.
[[nodiscard]] std::string keyOf(const PlanState& plan, const config::Experiment& run);

// Of a revision, without one of the newest. `runs`: those in use (WorkspaceDb::runs). Reads config.json of the
// experiment's runs.
Result<PlanState> readPlanState(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                                const std::vector<store::RunRow>& runs,
                                std::optional<std::int64_t> revision = std::nullopt);

using StatusOf = std::function<Status(const std::string& runId)>;
// Reads the status of each run that is asked for, once; the queue is that of now. One thread.
[[nodiscard]] StatusOf statusesOf(store::WorkspaceDb& workspace);

// Whether a planned run is still to be run: none of the runs that are it is done, at work or queued. One that was never
// started, was stopped or failed does not count.
[[nodiscard]] bool isMissing(const std::vector<std::string>& made, const StatusOf& statusOf);

// Planned runs by the stage of the run that got furthest. What lists and details say of an experiment, in the window
// and on the command line.
struct PlanProgress : StageCounts {
    std::size_t cells = 0;
    std::size_t planned = 0;
    std::size_t unmade = 0;  // there is no run of it
    std::size_t earlier = 0; // PlanState::earlier: not among the planned ones
    StageCounts unplanned;   // the rest of PlanState::others, by their own stages

    [[nodiscard]] std::size_t existing() const { return planned - unmade; }
    [[nodiscard]] std::size_t missing() const { return planned - done - running - queued; }
    friend bool operator==(const PlanProgress&, const PlanProgress&) = default;
};
[[nodiscard]] PlanProgress progressOf(const PlanState& state, const StatusOf& statusOf);

} // namespace dskd::jobs
