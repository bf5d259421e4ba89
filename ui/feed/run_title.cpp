#include "ui/feed/run_title.h"

#include "core/jobs/run_name.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"

namespace dskd::ui
{

QString runTitle(const store::RunRow& run)
{
    const QString name = shownName(run.shownName());
    return jobs::endsInSeed(run.shownName(), run.seed)
               ? name
               : WorkspaceFeed::tr("%1, seed %2").arg(name, QString::number(run.seed));
}

QString runTitle(const RunRecord& run)
{
    return runTitle(run.row);
}

QString runTitle(const WorkspaceFeed& workspace, const std::string& runId)
{
    const RunRecord* run = workspace.find(runId);
    return run ? runTitle(run->row) : shownName(runId);
}

} // namespace dskd::ui
