#include "core/jobs/plan_progress.h"

#include "core/config/methods/field_use.h"
#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiments.h"
#include "core/jobs/run_files.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/run_stage.h"
#include "core/jobs/run_summary.h"

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::jobs
{
namespace
{

std::vector<std::string> axesWithoutHash(const config::Plan& plan)
{
    std::vector<std::string> fields;
    for (const config::Axis& axis : plan.axes) {
        if (axis.field == config::kMethodByName) {
            continue;
        }
        if (const auto path = config::resolveField(axis.field); path && *path != "seed" && !decidesOutcome(*path)) {
            fields.push_back(*path);
        }
    }
    return fields;
}

std::string keyOf(const std::string& hash, std::uint64_t seed)
{
    return hash + " " + std::to_string(seed);
}

} // namespace

std::string keyOf(const PlanState& plan, const config::Experiment& run)
{
    std::string key = keyOf(configHash(run), run.seed);
    for (const std::string& field : plan.axesWithoutHash) {
        if (config::whyUnused(run, field).empty()) {
            key += "\n" + field + "=" + config::fieldValue(run, field).dump();
        }
    }
    return key;
}

Result<PlanState> readPlanState(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                                const std::vector<store::RunRow>& runs, std::optional<std::int64_t> revision)
{
    const auto plan = planOf(workspace, experiment, revision);
    if (!plan) {
        return plan.failure();
    }
    auto planned = config::expand(*plan);
    if (!planned) {
        return planned.failure();
    }
    PlanState state;
    state.cells = config::numCells(*planned);
    state.axesWithoutHash = axesWithoutHash(*plan);
    std::map<std::string, std::size_t> places;
    for (config::Experiment& run : namedRuns(experiment.name, *std::move(planned))) {
        places.try_emplace(keyOf(state, run), state.entries.size());
        state.entries.push_back({std::move(run), {}});
    }
    for (const store::RunRow& run : runs) {
        if (run.experiment != experiment.id) {
            continue;
        }
        // Its hash anew: the row's may be of another version of the program.
        const auto config = runConfig(workspace.layout().run(run.id));
        const auto place = places.find(config ? keyOf(state, *config) : keyOf(run.configHash, run.seed));
        if (place != places.end()) {
            state.entries[place->second].made.push_back(run.id);
            continue;
        }
        state.others.push_back(run.id);
        if (run.revision && *run.revision < revision.value_or(experiment.revision)) {
            state.earlier.push_back(run.id);
        }
    }
    return state;
}

StatusOf statusesOf(store::WorkspaceDb& workspace)
{
    struct Known {
        SummaryCache ended; // of thousands of runs that ended long ago no run.db is opened
        std::map<std::string, store::QueueRow> queue;
        std::map<std::string, Status> statuses;
    };
    const auto known = std::make_shared<Known>(Known{SummaryCache(workspace.layout()), {}, {}}); // of all copies
    for (const store::QueueRow& row : workspace.queue()) {
        known->queue.emplace(row.runId, row);
    }
    return [known, layout = workspace.layout()](const std::string& id) {
        const auto [status, isNew] = known->statuses.try_emplace(id);
        if (isNew) {
            const RunLayout folder = layout.run(id);
            const auto summary = known->ended.find(id, RunFiles(folder).trace());
            const auto entry = known->queue.find(id);
            status->second = withQueue(summary ? summary->status : readStatus(folder),
                                       entry == known->queue.end() ? nullptr : &entry->second)
                                 .status;
        }
        return status->second;
    };
}

bool isMissing(const std::vector<std::string>& made, const StatusOf& statusOf)
{
    return std::all_of(made.begin(), made.end(),
                       [&](const std::string& id) { return stageOf(statusOf(id)) < Stage::Queued; });
}

PlanProgress progressOf(const PlanState& state, const StatusOf& statusOf)
{
    PlanProgress progress;
    progress.cells = state.cells;
    progress.planned = state.entries.size();
    progress.earlier = state.earlier.size();
    for (const PlanEntry& entry : state.entries) {
        std::vector<Status> statuses;
        statuses.reserve(entry.made.size());
        for (const std::string& id : entry.made) {
            statuses.push_back(statusOf(id));
        }
        if (statuses.empty()) {
            ++progress.unmade;
        } else {
            progress.add(furthestStage(statuses));
        }
    }
    auto earlier = state.earlier.begin();
    for (const std::string& id : state.others) {
        if (earlier != state.earlier.end() && *earlier == id) {
            ++earlier;
        } else {
            progress.unplanned.add(stageOf(statusOf(id)));
        }
    }
    return progress;
}

} // namespace dskd::jobs
