#pragma once

#include "core/config/plan/plan.h"
#include "core/config/schema/experiment.h"
#include "core/store/experiment_table.h"
#include "core/store/workspace_db.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dskd::ui
{

// What became of a command.
struct CommandOutcome {
    std::vector<std::string> runs; // those that were made, or put into the queue for an experiment
    std::vector<Failure> failures;
    std::vector<std::string> done{}; // the runs, or the experiment as "#3", that a command was done to
};

// One thing to do to one run.
using RunCommand = std::function<Result<void>(store::WorkspaceDb& workspace, const std::string& runId)>;

// Does it to every run, also when it cannot be done to some. Any thread.
CommandOutcome forEachRun(const std::filesystem::path& workspace, const std::vector<std::string>& runIds,
                          const RunCommand& command);

// Puts the runs at the end of the queue and sees that a queue runner works.
CommandOutcome queueRuns(const std::filesystem::path& workspace, const std::vector<std::string>& runIds);

// Makes the runs, all of them or none, queues them, finds an experiment for each and sees that a queue runner works.
CommandOutcome addRuns(const std::filesystem::path& workspace, const std::vector<config::Experiment>& experiments);

enum class PlannedRuns { None, Missing, All }; // which runs of its plan an experiment is to get

// A new experiment, or a new revision of the one with this name, and runs of it as createPlanned queues them.
CommandOutcome saveExperiment(const std::filesystem::path& workspace, const std::string& name, const config::Plan& plan,
                              PlannedRuns runs);

// Queues runs of the experiment's newest revision (jobs::queueMissing, or all of them anew) and sees that a queue
// runner works.
CommandOutcome createPlanned(const std::filesystem::path& workspace, std::int64_t experimentId, PlannedRuns runs);
// The same of those of its missing runs that `wanted` names, by configuration and seed. What somebody has started
// meanwhile is not run twice.
CommandOutcome createMissing(const std::filesystem::path& workspace, std::int64_t experimentId,
                             const std::vector<config::Experiment>& wanted);

// One thing to do to one experiment, which exists.
using ExperimentCommand = std::function<Result<void>(store::WorkspaceDb& workspace, const store::ExperimentRow& row)>;
CommandOutcome toExperiment(const std::filesystem::path& workspace, std::int64_t experimentId,
                            const ExperimentCommand& command);

// What an experiment was when it was deleted.
struct DeletedExperiment {
    store::ExperimentRow row;
    std::vector<store::RevisionRow> revisions;
};
// Takes that back (store::ExperimentTable::putBack). A failure says so where it has another name now.
CommandOutcome putBack(const std::filesystem::path& workspace, const DeletedExperiment& deleted);

// Gives every training run without an experiment one (jobs::placeRuns) where the workspace can be written. Throws
// Error.
void placeRuns(const std::filesystem::path& workspace);

// Several failures as one: every sentence once, each on its line.
Failure joined(const std::vector<Failure>& failures);

} // namespace dskd::ui
