#include "core/jobs/run_stage.h"

#include <algorithm>
#include <cassert>

namespace dskd::jobs
{

Stage stageOf(Status status)
{
    switch (status) {
    case Status::Done: return Stage::Done;
    case Status::Starting:
    case Status::Running:
    case Status::Stalled: return Stage::Running;
    case Status::Queued: return Stage::Queued;
    case Status::Created: return Stage::Created;
    case Status::Stopped: return Stage::Stopped;
    case Status::Failed:
    case Status::Crashed:
    case Status::OutOfMemory: break;
    }
    return Stage::Failed;
}

Stage furthestStage(const std::vector<Status>& runs)
{
    assert(!runs.empty());
    Stage furthest = Stage::Failed;
    for (const Status status : runs) {
        furthest = std::max(furthest, stageOf(status));
    }
    return furthest;
}

void StageCounts::add(Stage stage)
{
    switch (stage) {
    case Stage::Done: ++done; break;
    case Stage::Running: ++running; break;
    case Stage::Queued: ++queued; break;
    case Stage::Created: ++created; break;
    case Stage::Stopped: ++stopped; break;
    case Stage::Failed: ++failed; break;
    }
}

} // namespace dskd::jobs
