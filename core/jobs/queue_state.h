#pragma once

// How the queue of a workspace goes on: settings of workspace.db, which the runner reads before it starts a run.

#include "core/store/workspace_db.h"

namespace dskd::jobs
{

// Paused: running runs go on, no other is started, and a runner without running runs ends. Throws as WorkspaceDb does.
[[nodiscard]] bool queuePaused(store::WorkspaceDb& workspace);
void setQueuePaused(store::WorkspaceDb& workspace, bool paused);

// Whether the next run is started after one that failed; else the queue pauses then. On from the beginning. A run that a
// person stopped has not failed.
[[nodiscard]] bool continuesAfterFailure(store::WorkspaceDb& workspace);
void setContinuesAfterFailure(store::WorkspaceDb& workspace, bool on);

} // namespace dskd::jobs
