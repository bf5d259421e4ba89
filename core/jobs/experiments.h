#pragma once

// Experiments of a workspace and their runs (store/experiment_table.h keeps them, config/plan has what they are made
// of).

#include "core/base/result.h"
#include "core/config/plan/plan.h"
#include "core/store/experiment_table.h"
#include "core/store/workspace_db.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dskd::jobs
{

// The plan of a revision; of the newest without one.
Result<config::Plan> planOf(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                            std::optional<std::int64_t> revision = std::nullopt);

// What the runs of the plan are called, and their group: the values that differ, or the experiment's name.
Result<std::vector<config::Experiment>> plannedRuns(const std::string& experimentName, const config::Plan& plan);

// Those of them that the experiment has no run of in use with the same configuration and seed, whatever became of it.
Result<std::vector<config::Experiment>> missingRuns(store::WorkspaceDb& workspace,
                                                    const store::ExperimentRow& experiment);
// The same where the runs in use (WorkspaceDb::runs) were read already.
Result<std::vector<config::Experiment>> missingRuns(store::WorkspaceDb& workspace,
                                                    const store::ExperimentRow& experiment,
                                                    const std::vector<store::RunRow>& runs);

// Makes the runs, all of them or none, puts them into the queue in their order and notes that they come from this
// revision of the experiment. Their ids; none for no run.
Result<std::vector<std::string>> createQueued(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                                              const std::vector<config::Experiment>& runs);

// A new experiment, or a new revision of the one that has this name; its row as it is afterwards. Refuses (Usage) a
// plan that expand() refuses.
Result<store::ExperimentRow> saveExperiment(store::WorkspaceDb& workspace, const std::string& name,
                                            const config::Plan& plan);

// Deletes an experiment with its revisions. Refuses (Usage) one that has runs in use.
Result<void> deleteExperiment(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment);

// Gives every training run without an experiment one: that of a run with the same configuration, else a new one, which
// has the seeds of all such runs and is called after the first. Runs whose configuration cannot be read stay without.
// How many runs were placed.
std::size_t placeRuns(store::WorkspaceDb& workspace);

} // namespace dskd::jobs
