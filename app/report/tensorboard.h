#pragma once

// The curves of runs for TensorBoard.

#include "core/base/result.h"
#include "core/jobs/compare.h"
#include "core/store/workspace_db.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dskd::report
{

struct EventFiles {
    std::vector<std::filesystem::path> files; // one a run, in their order
    std::int64_t points = 0;
    std::vector<jobs::UnreadRun> leftOut; // runs that cannot be read
};

// Every recorded point of the runs, also of those that are going on, as `folder`/<run id>/events.out.tfevents.…, whose
// name depends on the run alone: writing again replaces it, and other files in `folder` stay. "validation.loss" becomes
// "validation/loss", which TensorBoard shows in the section "validation"; values become 32-bit floats, as its format
// has them. Fails where a file cannot be written and when `cancelled` turns true; whole files stay.
[[nodiscard]] Result<EventFiles> writeEventFiles(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds,
                                                 const std::filesystem::path& folder,
                                                 const std::atomic<bool>& cancelled);

} // namespace dskd::report
