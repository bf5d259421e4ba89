#pragma once

#include "core/store/workspace_db.h"

#include <string>
#include <vector>

namespace dskd::jobs
{

// Sentences, each of one run.
struct Repair {
    std::vector<std::string> done;
    std::vector<std::string> left; // what it cannot put in order, and why
};

// Brings workspace.db and the folders together again, after kills within a command, a workspace.db that was lost, and
// folders that were copied or deleted by hand: takes up run folders without a row, finishes what was begun (making,
// trashing, restoring, deleting for good), and names runs whose folder is gone. Throws Error when workspace.db cannot
// be written.
[[nodiscard]] Repair repairWorkspace(store::WorkspaceDb& workspace);

} // namespace dskd::jobs
