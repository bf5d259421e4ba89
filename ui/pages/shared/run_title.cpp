#include "ui/pages/shared/run_title.h"

#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"

namespace dskd::ui
{

QString runTitle(const RunRecord& run)
{
    return shownName(run.row.shownName());
}

QString runTitle(const WorkspaceFeed& workspace, const std::string& runId)
{
    const RunRecord* run = workspace.find(runId);
    return run ? runTitle(*run) : shownName(runId);
}

} // namespace dskd::ui
