#pragma once

// Experiments of a workspace and their runs (store/experiment_table.h keeps them, config/plan has what they are made
// of).

#include "core/base/result.h"
#include "core/config/plan/plan.h"
#include "core/store/experiment_table.h"
#include "core/store/workspace_db.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dskd::jobs
{

// The plan of a revision; of the newest without one.
Result<config::Plan> planOf(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                            std::optional<std::int64_t> revision = std::nullopt);

// What the runs of a plan are called, and their group: the values that differ, or the experiment's name.
[[nodiscard]] std::vector<config::Experiment> namedRuns(const std::string& experimentName,
                                                        std::vector<config::PlannedRun> runs);
// Those that expand() makes of the plan.
Result<std::vector<config::Experiment>> plannedRuns(const std::string& experimentName, const config::Plan& plan);

// Those of the newest revision that are still to be run (isMissing, plan_progress.h): no run in use of the experiment,
// with this configuration and seed, is done, at work or queued.
Result<std::vector<config::Experiment>> missingRuns(store::WorkspaceDb& workspace,
                                                    const store::ExperimentRow& experiment);
// Those of it that there is no run in use of, whatever became of it. `runs`: WorkspaceDb::runs.
Result<std::vector<config::Experiment>> unmadeRuns(store::WorkspaceDb& workspace,
                                                   const store::ExperimentRow& experiment,
                                                   const std::vector<store::RunRow>& runs);

// Makes the runs, all of them or none, puts them into the queue in their order and notes that they come from this
// revision of the experiment. Their ids; none for no run.
Result<std::vector<std::string>> createQueued(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                                              const std::vector<config::Experiment>& runs);

struct QueuedRuns {
    std::vector<std::string> made;      // new ones
    std::vector<std::string> continued; // that were there: never started, stopped or failed; they go on
};
// Queues the missing runs of the newest revision: makes those that there is no run of, all of them or none, and queues
// of the others the newest that still has its folder. `wanted`: only those that are these runs of the plan (keyOf).
Result<QueuedRuns> queueMissing(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                                const std::optional<std::vector<config::Experiment>>& wanted = std::nullopt);

// Whether saveExperiment takes the name: that of an experiment that is there, or a usable one (store/chosen_names.h).
// Without a workspace there are no experiments. Fails with Usage.
Result<void> checkExperimentName(store::WorkspaceDb* workspace, const std::string& name);

// A new experiment, or a new revision of the one that has this name, where the plan differs (config::revisionAfter);
// its row as it is afterwards. Refuses (Usage) a plan that expand() refuses, and as checkExperimentName does.
Result<store::ExperimentRow> saveExperiment(store::WorkspaceDb& workspace, const std::string& name,
                                            const config::Plan& plan);

// Deletes an experiment with its revisions. Refuses (Usage) one that has runs in use. While runs of it are in the trash
// it is kept out of sight, and comes back with the first that is restored.
Result<void> deleteExperiment(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment);

// Where a run belongs that came out of the trash.
struct Restored {
    enum class Placement {
        Own,     // its experiment was there all the time
        Revived, // its experiment had been deleted, and is there again
        Made,    // it had none: one was made for it
        None     // an evaluation, or a run whose configuration cannot be read
    };
    Placement placement = Placement::None;
    std::optional<store::ExperimentRow> experiment;
};
// restoreFromTrash (run_folder.h), and an experiment for the run.
Result<Restored> restoreRun(store::WorkspaceDb& workspace, const std::string& runId);

// Gives every training run without an experiment one: that of a run with the same configuration, else a new one, which
// has the seeds of all such runs and is called after the first. Runs whose configuration cannot be read stay without.
// How many runs were placed.
std::size_t placeRuns(store::WorkspaceDb& workspace);

} // namespace dskd::jobs
