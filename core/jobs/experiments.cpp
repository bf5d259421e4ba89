#include "core/jobs/experiments.h"

#include "core/config/plan/revision.h"
#include "core/config/schema/choices.h"
#include "core/jobs/plan_progress.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/run_name.h"
#include "core/jobs/status.h"
#include "core/store/chosen_names.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace dskd::jobs
{
namespace
{

using Place = std::pair<std::int64_t, std::int64_t>; // experiment and revision

// "demo: dual" of a run "dual, seed 10" in the group "demo".
std::string experimentName(const store::RunRow& run)
{
    const std::string name = nameWithoutSeed(run.shownName(), run.seed);
    return run.group.empty() || run.group == name ? name : run.group + ": " + name;
}

config::Plan planOfRun(config::Experiment experiment, std::vector<std::uint64_t> seeds)
{
    std::sort(seeds.begin(), seeds.end());
    seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
    experiment.name.clear();
    experiment.group.clear();
    return {std::move(experiment), {}, {}, {}, std::move(seeds)};
}

// The entries' runs for which `isOne` holds.
template <typename IsOne>
std::vector<config::Experiment> runsOf(PlanState& state, const IsOne& isOne)
{
    std::vector<config::Experiment> runs;
    for (PlanEntry& entry : state.entries) {
        if (isOne(entry)) {
            runs.push_back(std::move(entry.run));
        }
    }
    return runs;
}

} // namespace

Result<config::Plan> planOf(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                            std::optional<std::int64_t> revision)
{
    const auto row = store::ExperimentTable(workspace).revision(experiment.id, revision.value_or(experiment.revision));
    return row ? config::parsePlan(row->plan, workspace.layout().root) : Result<config::Plan>(row.failure());
}

std::vector<config::Experiment> namedRuns(const std::string& experimentName, std::vector<config::PlannedRun> planned)
{
    std::vector<config::Experiment> runs;
    runs.reserve(planned.size());
    for (config::PlannedRun& run : planned) {
        const std::string values = config::valuesText(run);
        run.experiment.name = values.empty() ? experimentName : values;
        run.experiment.group = experimentName;
        runs.push_back(std::move(run.experiment));
    }
    return runs;
}

Result<std::vector<config::Experiment>> plannedRuns(const std::string& experimentName, const config::Plan& plan)
{
    auto planned = config::expand(plan);
    return planned ? namedRuns(experimentName, *std::move(planned))
                   : Result<std::vector<config::Experiment>>(planned.failure());
}

Result<std::vector<config::Experiment>> missingRuns(store::WorkspaceDb& workspace,
                                                    const store::ExperimentRow& experiment)
{
    auto state = readPlanState(workspace, experiment, workspace.runs());
    if (!state) {
        return state.failure();
    }
    const StatusOf statusOf = statusesOf(workspace);
    return runsOf(*state, [&](const PlanEntry& entry) { return isMissing(entry.made, statusOf); });
}

Result<std::vector<config::Experiment>> unmadeRuns(store::WorkspaceDb& workspace,
                                                   const store::ExperimentRow& experiment,
                                                   const std::vector<store::RunRow>& runs)
{
    auto state = readPlanState(workspace, experiment, runs);
    if (!state) {
        return state.failure();
    }
    return runsOf(*state, [](const PlanEntry& entry) { return entry.made.empty(); });
}

Result<std::vector<std::string>> createQueued(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                                              const std::vector<config::Experiment>& runs)
{
    if (runs.empty()) {
        return std::vector<std::string>();
    }
    return createRuns(workspace, runs, store::Queueing::Yes, {experiment.id, experiment.revision});
}

Result<QueuedRuns> queueMissing(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                                const std::optional<std::vector<config::Experiment>>& wanted)
{
    const auto state = readPlanState(workspace, experiment, workspace.runs());
    if (!state) {
        return state.failure();
    }
    std::set<std::string> named;
    for (std::size_t i = 0; wanted && i < wanted->size(); ++i) {
        named.insert(keyOf(*state, (*wanted)[i]));
    }
    const StatusOf statusOf = statusesOf(workspace);
    QueuedRuns queued;
    std::vector<config::Experiment> fresh;
    for (const PlanEntry& entry : state->entries) {
        if (!isMissing(entry.made, statusOf) || (wanted && !named.contains(keyOf(*state, entry.run)))) {
            continue;
        }
        const auto known = std::find_if(entry.made.rbegin(), entry.made.rend(),
                                        [&](const std::string& id) { return !folderGone(workspace.layout().run(id)); });
        if (known == entry.made.rend()) {
            fresh.push_back(entry.run);
        } else {
            queued.continued.push_back(*known);
        }
    }
    auto made = createQueued(workspace, experiment, fresh);
    if (!made) {
        return made.failure();
    }
    queued.made = *std::move(made);
    for (const std::string& id : queued.continued) {
        if (const auto place = workspace.enqueue(id); !place) {
            return place.failure();
        }
    }
    return queued;
}

Result<void> checkExperimentName(store::WorkspaceDb* workspace, const std::string& name)
{
    if (workspace != nullptr) {
        if (const auto known = store::ExperimentTable(*workspace).find(name); known && known->name == name) {
            return {};
        }
    }
    return store::checkName(name, store::Named::Experiment);
}

Result<store::ExperimentRow> saveExperiment(store::WorkspaceDb& workspace, const std::string& name,
                                            const config::Plan& plan)
{
    if (const auto runs = config::expand(plan); !runs) {
        return runs.failure();
    }
    store::ExperimentTable table(workspace);
    const auto known = table.find(name);
    if (!known || known->name != name) {
        const auto id = table.add(name, config::toText(plan));
        return id ? table.find(name) : Result<store::ExperimentRow>(id.failure());
    }
    const auto newest = planOf(workspace, *known);
    const auto revised = newest ? config::revisionAfter(*newest, plan) : std::optional(plan);
    if (!revised) {
        return known;
    }
    const auto number = table.revise(known->id, config::toText(*revised));
    return number ? table.find(name) : Result<store::ExperimentRow>(number.failure());
}

Result<void> deleteExperiment(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment)
{
    store::ExperimentTable table(workspace);
    if (const std::size_t runs = table.runs(experiment.id).size(); runs > 0) {
        return Failure{
            "The experiment " + experiment.name + " has " + text::counted(static_cast<std::int64_t>(runs), "run") + ".",
            "Delete its runs first, or archive the experiment: that puts it out of sight.", FailureKind::Usage};
    }
    return table.forget(experiment.id);
}

Result<Restored> restoreRun(store::WorkspaceDb& workspace, const std::string& runId)
{
    const auto run = workspace.run(runId);
    if (!run) {
        return run.failure();
    }
    store::ExperimentTable table(workspace);
    const auto rowOf = [&](const std::optional<std::int64_t>& id) -> std::optional<store::ExperimentRow> {
        const auto row = id ? table.find("#" + std::to_string(*id)) : Result<store::ExperimentRow>(Failure{});
        return row ? std::optional(*row) : std::nullopt;
    };
    const bool wasThere = rowOf(run->experiment).has_value();
    if (const auto restored = restoreFromTrash(workspace, runId); !restored) {
        return restored.failure();
    }
    if (auto own = rowOf(run->experiment)) {
        return Restored{wasThere ? Restored::Placement::Own : Restored::Placement::Revived, std::move(own)};
    }
    const auto experiment = runConfig(workspace.layout().run(runId));
    if (run->job != config::name(config::JobKind::Train) || !experiment) {
        return Restored{};
    }
    // Not by its configuration, as placeRuns does: another experiment may have the same configuration.
    const auto placed =
        table.addFor({runId}, experimentName(*run), config::toText(planOfRun(*experiment, {run->seed})));
    if (!placed) {
        return placed.failure();
    }
    const auto now = workspace.run(runId);
    auto made = now ? rowOf(now->experiment) : std::nullopt;
    return made ? Restored{Restored::Placement::Made, std::move(made)} : Restored{};
}

std::size_t placeRuns(store::WorkspaceDb& workspace)
{
    std::map<std::string, Place> known; // by configHash: where runs with this configuration belong
    std::map<std::string, std::vector<store::RunRow>> unplaced;
    std::vector<std::string> inOrder; // those of `unplaced`, the oldest run's first
    for (store::RunRow& run : workspace.runs()) {
        if (run.experiment && run.revision) {
            known[run.configHash] = {*run.experiment, *run.revision};
        } else if (run.job == config::name(config::JobKind::Train)) {
            std::vector<store::RunRow>& alike = unplaced[run.configHash];
            if (alike.empty()) {
                inOrder.push_back(run.configHash);
            }
            alike.push_back(std::move(run));
        }
    }
    store::ExperimentTable table(workspace);
    std::size_t placed = 0;
    for (const std::string& hash : inOrder) {
        std::vector<std::string> ids;
        std::vector<std::uint64_t> seeds;
        for (const store::RunRow& run : unplaced[hash]) {
            ids.push_back(run.id);
            seeds.push_back(run.seed);
        }
        // Where that experiment has been deleted since the runs were read, they get one of their own.
        if (const auto place = known.find(hash);
            place != known.end() && table.place(ids, place->second.first, place->second.second)) {
            placed += ids.size();
            continue;
        }
        // The first whose configuration can be read; a folder that is away or damaged is tried again the next time.
        for (const store::RunRow& run : unplaced[hash]) {
            if (auto experiment = runConfig(workspace.layout().run(run.id))) {
                const auto got = table.addFor(ids, experimentName(run),
                                              config::toText(planOfRun(*std::move(experiment), std::move(seeds))));
                placed += got ? *got : 0;
                break;
            }
        }
    }
    return placed;
}

} // namespace dskd::jobs
