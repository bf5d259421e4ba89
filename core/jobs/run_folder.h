#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/store/workspace_db.h"
#include "core/store/workspace_rows.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// What runs were made from, in workspace.db. None of a run that was started from a loose configuration, until placeRuns
// (experiments.h) finds an experiment for it.
struct RunOrigin {
    std::optional<std::int64_t> experiment;
    std::optional<std::int64_t> revision;
};

// All problems of the experiment (config::validate, and values out of their fields' ranges) in one Failure.
Result<void> checkExperiment(const config::Experiment& experiment);

// Whether the run and its group can be called so (store/chosen_names.h). Of training runs: others are called after the
// run whose model they read.
Result<void> checkNames(const config::Experiment& experiment);

// Makes <workspace>/runs/<id> with the frozen config.json and registers it. Fails as checkExperiment does, and as
// checkNames does where the run comes from no experiment, whose plan names its runs. The id is
// readable and new: 20261123-051200-dskd-s10, with -2, -3 … when taken.
Result<std::string> createRun(store::WorkspaceDb& workspace, const config::Experiment& experiment);

// Several, all of them or none, also when the process is killed meanwhile. What such a kill left is removed first.
Result<std::vector<std::string>> createRuns(store::WorkspaceDb& workspace,
                                            const std::vector<config::Experiment>& experiments,
                                            store::Queueing queueing, const RunOrigin& origin = {});

// The ids that runs in use and in the trash have.
[[nodiscard]] std::set<std::string> knownRuns(store::WorkspaceDb& workspace);

// The frozen configuration of a run.
Result<config::Experiment> runConfig(const RunLayout& run);

// The summary columns that workspace.db keeps of an experiment; id, created, note, tags are left empty.
[[nodiscard]] store::RunRow summaryOf(const config::Experiment& experiment);

// False for the fields that runs of one experiment may differ in: seed, name, group, log.*, and where and how it runs.
[[nodiscard]] bool decidesOutcome(std::string_view fieldPath);

// The values, as JSON, of the fields that have an effect in the experiment (config::whyUnused).
[[nodiscard]] std::map<std::string, std::string> fieldsWithEffect(const config::Experiment& experiment);

// Hash over every field that has an effect and decides the outcome: equal for the seeds of one experiment.
[[nodiscard]] std::string configHash(const config::Experiment& experiment);

// Moves the folder to <workspace>/trash and marks the row. Refused while the worker is alive.
// Fails while a worker is at work on the run.
Result<void> requireMovable(store::WorkspaceDb& workspace, const std::string& runId);
Result<void> moveToTrash(store::WorkspaceDb& workspace, const std::string& runId);
Result<void> restoreFromTrash(store::WorkspaceDb& workspace, const std::string& runId);
// Bytes of the files in a folder and below it; 0 where it is gone.
[[nodiscard]] std::uint64_t folderSize(const std::filesystem::path& folder);
// How the folder of a run that is being deleted begins, in the trash.
inline constexpr std::string_view kGoingPrefix = ".purge-";
// Deletes a trashed run for good and returns the bytes freed.
Result<std::uint64_t> purge(store::WorkspaceDb& workspace, const std::string& runId);

} // namespace dskd::jobs
