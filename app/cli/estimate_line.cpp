#include "app/cli/estimate_line.h"

#include "core/jobs/queue_runner.h"
#include "core/text/escape.h"

namespace dskd::cli
{

jobs::PlanEstimate estimateHere(store::WorkspaceDb* workspace, const std::vector<config::Experiment>& runs,
                                const std::vector<jobs::MeasuredRun>& probes)
{
    return jobs::estimateRuns(workspace, runs, jobs::localSlots().size(), probes);
}

nlohmann::json toJson(const jobs::PlanEstimate& estimate)
{
    return {{"runs", estimate.runs},
            {"seconds", estimate.seconds ? nlohmann::json(*estimate.seconds) : nlohmann::json()},
            {"untimed_runs", estimate.untimed},
            {"measured_on", estimate.source.runs},
            {"probe", estimate.source.probe},
            {"differ_in", estimate.source.differ},
            {"checkpoint_bytes", estimate.checkpointBytes},
            {"unsized_runs", estimate.unsized}};
}

void printPlanned(const std::vector<config::Experiment>& runs, Console& console)
{
    for (const config::Experiment& run : runs) {
        console.out << text::terminalLine(run.name) << ", seed " << run.seed << '\n';
    }
}

nlohmann::json plannedJson(const std::vector<config::Experiment>& runs)
{
    nlohmann::json rows = nlohmann::json::array();
    for (const config::Experiment& run : runs) {
        rows.push_back({{"name", run.name}, {"seed", run.seed}});
    }
    return rows;
}

} // namespace dskd::cli
