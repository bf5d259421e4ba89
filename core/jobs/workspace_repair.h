#pragma once

#include "core/store/workspace_db.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace dskd::jobs
{

// Sentences, each of one run or one experiment.
struct Repair {
    std::vector<std::string> done;
    std::vector<std::string> left; // what it cannot put in order, and why
};

// How many run folders (with a config.json) there are in runs/ of `root`, which may have lost its workspace.db.
[[nodiscard]] std::size_t numRunFolders(const std::filesystem::path& root);

// Ids of the run folders (with a config.json) in runs/ that workspace.db has no entry of: copied there, or left by a
// workspace.db that was lost. repairWorkspace takes them up. Sorted; reads only.
[[nodiscard]] std::vector<std::string> runFoldersWithoutEntry(store::WorkspaceDb& workspace);

// Brings workspace.db and the folders together again, after kills within a command, a workspace.db that was lost, and
// folders that were copied or deleted by hand: takes up run folders without a row, gives them their experiments back
// (experiment_repair.h), finishes what was begun (making,
// trashing, restoring, deleting for good), and names runs whose folder is gone or whose run.db cannot be read. Throws
// Error when workspace.db cannot be written.
[[nodiscard]] Repair repairWorkspace(store::WorkspaceDb& workspace);

} // namespace dskd::jobs
