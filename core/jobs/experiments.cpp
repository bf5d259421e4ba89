#include "core/jobs/experiments.h"

#include "core/config/schema/choices.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/run_name.h"

#include <algorithm>
#include <map>
#include <set>

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

} // namespace

Result<config::Plan> planOf(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                            std::optional<std::int64_t> revision)
{
    const auto row = store::ExperimentTable(workspace).revision(experiment.id, revision.value_or(experiment.revision));
    return row ? config::parsePlan(row->plan, workspace.layout().root) : Result<config::Plan>(row.failure());
}

Result<std::vector<config::Experiment>> plannedRuns(const std::string& experimentName, const config::Plan& plan)
{
    auto planned = config::expand(plan);
    if (!planned) {
        return planned.failure();
    }
    std::vector<config::Experiment> runs;
    for (config::PlannedRun& run : *planned) {
        const std::string values = config::valuesText(run);
        run.experiment.name = values.empty() ? experimentName : values;
        run.experiment.group = experimentName;
        runs.push_back(std::move(run.experiment));
    }
    return runs;
}

Result<std::vector<config::Experiment>> missingRuns(store::WorkspaceDb& workspace,
                                                    const store::ExperimentRow& experiment)
{
    return missingRuns(workspace, experiment, workspace.runs());
}

Result<std::vector<config::Experiment>> missingRuns(store::WorkspaceDb& workspace,
                                                    const store::ExperimentRow& experiment,
                                                    const std::vector<store::RunRow>& runs)
{
    const auto plan = planOf(workspace, experiment);
    if (!plan) {
        return plan.failure();
    }
    auto planned = plannedRuns(experiment.name, *plan);
    if (!planned) {
        return planned.failure();
    }
    std::set<std::pair<std::string, std::uint64_t>> there;
    for (const store::RunRow& run : runs) {
        if (run.experiment == experiment.id) { // its hash anew: the row's may be of another version of the program
            const auto config = runConfig(workspace.layout().run(run.id));
            there.emplace(config ? configHash(*config) : run.configHash, run.seed);
        }
    }
    std::erase_if(*planned, [&](const config::Experiment& run) { return there.contains({configHash(run), run.seed}); });
    return planned;
}

Result<std::vector<std::string>> createQueued(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                                              const std::vector<config::Experiment>& runs)
{
    if (runs.empty()) {
        return std::vector<std::string>();
    }
    return createRuns(workspace, runs, store::Queueing::Yes, {experiment.id, experiment.revision});
}

Result<store::ExperimentRow> saveExperiment(store::WorkspaceDb& workspace, const std::string& name,
                                            const config::Plan& plan)
{
    if (const auto runs = config::expand(plan); !runs) {
        return runs.failure();
    }
    store::ExperimentTable table(workspace);
    const std::string text = config::toText(plan);
    const auto known = table.find(name);
    if (known && known->name == name) {
        const auto number = table.revise(known->id, text);
        if (!number) {
            return number.failure();
        }
    } else if (const auto id = table.add(name, text); !id) {
        return id.failure();
    }
    return table.find(name);
}

Result<void> deleteExperiment(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment)
{
    store::ExperimentTable table(workspace);
    if (const std::size_t runs = table.runs(experiment.id).size(); runs > 0) {
        return Failure{
            "The experiment " + experiment.name + " has " + std::to_string(runs) + (runs == 1 ? " run." : " runs."),
            "Delete its runs first, or archive the experiment: that puts it out of sight.", FailureKind::Usage};
    }
    return table.forget(experiment.id);
}

std::size_t placeRuns(store::WorkspaceDb& workspace)
{
    std::map<std::string, Place> known; // by configHash: where runs with this configuration belong
    std::map<std::string, std::vector<store::RunRow>> homeless;
    std::vector<std::string> inOrder; // the hashes of the homeless, the oldest run's first
    for (store::RunRow& run : workspace.runs()) {
        if (run.experiment && run.revision) {
            known[run.configHash] = {*run.experiment, *run.revision};
        } else if (run.job == config::name(config::JobKind::Train)) {
            std::vector<store::RunRow>& alike = homeless[run.configHash];
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
        for (const store::RunRow& run : homeless[hash]) {
            ids.push_back(run.id);
            seeds.push_back(run.seed);
        }
        if (const auto place = known.find(hash); place != known.end()) {
            table.place(ids, place->second.first, place->second.second);
            placed += ids.size();
            continue;
        }
        // The first whose configuration can be read; a folder that is away or damaged is tried again the next time.
        for (const store::RunRow& run : homeless[hash]) {
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
