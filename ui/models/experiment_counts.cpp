#include "ui/models/experiment_counts.h"

#include "core/jobs/run_stage.h"

#include <QCoreApplication>

namespace dskd::ui
{
namespace
{

StateCounts stateCounts(const jobs::StageCounts& stages)
{
    StateCounts counts;
    counts.done = stages.done;
    counts.going = stages.running;
    counts.stopped = stages.stopped;
    counts.failed = stages.failed;
    counts.waiting = stages.queued + stages.created;
    return counts;
}

} // namespace

StateCounts countsOf(const ExperimentRecord& experiment, const std::vector<RunRecord>& runs)
{
    if (experiment.progress) {
        StateCounts counts = stateCounts(*experiment.progress);
        counts.missing = experiment.progress->unmade;
        return counts;
    }
    jobs::StageCounts stages;
    for (const RunRecord& run : runs) {
        if (run.row.experiment == experiment.row.id) {
            stages.add(jobs::stageOf(run.status.status));
        }
    }
    return stateCounts(stages);
}

QStringList runsBesideThePlan(const ExperimentRecord& experiment)
{
    const auto words = [](const char* text) { return QCoreApplication::translate("ExperimentCounts", text); };
    QStringList lines;
    if (!experiment.progress) {
        return lines;
    }
    if (const std::size_t earlier = experiment.progress->earlier; earlier > 0) {
        lines += words("%1 more of earlier revisions").arg(earlier);
    }
    const jobs::StageCounts& unplanned = experiment.progress->unplanned;
    if (const std::size_t count = unplanned.total(); count > 0) {
        lines +=
            (count == 1 ? words("%1 more run is not in the plan: %2") : words("%1 more runs are not in the plan: %2"))
                .arg(QString::number(count), stateText(stateCounts(unplanned)));
    }
    return lines;
}

} // namespace dskd::ui
