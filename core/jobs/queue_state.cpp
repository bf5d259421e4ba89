#include "core/jobs/queue_state.h"

namespace dskd::jobs
{
namespace
{

constexpr const char* kPaused = "queue.paused";
constexpr const char* kPausesOnFailure = "queue.pauses_on_failure";
constexpr const char* kYes = "1";

bool isSet(store::WorkspaceDb& workspace, const char* key)
{
    return workspace.setting(key) == kYes;
}

void set(store::WorkspaceDb& workspace, const char* key, bool on)
{
    if (isSet(workspace, key) != on) { // a change makes every reader look
        workspace.setSetting(key, on ? kYes : "");
    }
}

} // namespace

bool queuePaused(store::WorkspaceDb& workspace)
{
    return isSet(workspace, kPaused);
}

void setQueuePaused(store::WorkspaceDb& workspace, bool paused)
{
    set(workspace, kPaused, paused);
}

bool continuesAfterFailure(store::WorkspaceDb& workspace)
{
    return !isSet(workspace, kPausesOnFailure);
}

void setContinuesAfterFailure(store::WorkspaceDb& workspace, bool on)
{
    set(workspace, kPausesOnFailure, !on);
}

} // namespace dskd::jobs
