#include "ui/feed/workspace_commands.h"

#include "core/jobs/experiments.h"
#include "core/jobs/launch.h"
#include "core/jobs/queue_launch.h"
#include "core/jobs/run_folder.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr std::chrono::milliseconds kPatience{2000};

// True when it was done. One failing run does not keep the command from the others.
template <typename Do>
bool attempt(std::vector<Failure>& failures, const Do& command)
{
    try {
        const auto result = command();
        if (!result) {
            failures.push_back(result.failure());
        }
        return static_cast<bool>(result);
    } catch (const Error& error) {
        failures.push_back(error.failure());
        return false;
    }
}

// Has what was queued worked on. Nothing was where there are no runs.
Result<void> workOn(const store::WorkspaceDb& workspace, const std::vector<std::string>& runs)
{
    if (runs.empty()) {
        return {};
    }
    const auto runner = jobs::launchQueueRunner(workspace.layout().root);
    return runner ? Result<void>() : Result<void>(runner.failure());
}

// Queues the missing runs of an experiment, or those of them that are wanted, and has them worked on.
Result<void> startMissing(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                          const std::optional<std::vector<config::Experiment>>& wanted, std::vector<std::string>& runs)
{
    auto queued = jobs::queueMissing(workspace, experiment, wanted);
    if (!queued) {
        return queued.failure();
    }
    runs = std::move(queued->made);
    runs.insert(runs.end(), queued->continued.begin(), queued->continued.end());
    return workOn(workspace, runs);
}

Result<void> start(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment, PlannedRuns which,
                   std::vector<std::string>& runs)
{
    if (which == PlannedRuns::None) {
        return {};
    }
    if (which == PlannedRuns::Missing) {
        return startMissing(workspace, experiment, std::nullopt, runs);
    }
    const auto plan = jobs::planOf(workspace, experiment);
    if (!plan) {
        return plan.failure();
    }
    const auto all = jobs::plannedRuns(experiment.name, *plan);
    if (!all) {
        return all.failure();
    }
    auto ids = jobs::createQueued(workspace, experiment, *all);
    if (!ids) {
        return ids.failure();
    }
    runs = *std::move(ids);
    return workOn(workspace, runs);
}

Result<store::ExperimentRow> experimentOf(store::WorkspaceDb& workspace, std::int64_t id)
{
    return store::ExperimentTable(workspace).find(std::string("#") + std::to_string(id));
}

} // namespace

CommandOutcome forEachRun(const std::filesystem::path& root, const std::vector<std::string>& runIds,
                          const RunCommand& command)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    CommandOutcome outcome;
    for (const std::string& id : runIds) {
        if (attempt(outcome.failures, [&] { return command(workspace, id); })) {
            outcome.done.push_back(id);
        }
    }
    return outcome;
}

CommandOutcome queueRuns(const std::filesystem::path& root, const std::vector<std::string>& runIds)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    CommandOutcome outcome;
    for (const std::string& id : runIds) {
        attempt(outcome.failures, [&]() -> Result<void> {
            if (Result<void> queueable = jobs::requireQueueable(workspace.layout().run(id)); !queueable) {
                return queueable;
            }
            const auto place = workspace.enqueue(id);
            return place ? Result<void>() : place.failure();
        });
    }
    attempt(outcome.failures, [&] { return jobs::launchQueueRunner(workspace.layout().root); });
    return outcome;
}

CommandOutcome addRuns(const std::filesystem::path& root, const std::vector<config::Experiment>& experiments)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    CommandOutcome outcome;
    attempt(outcome.failures, [&]() -> Result<void> {
        auto ids = jobs::createRuns(workspace, experiments, store::Queueing::Yes);
        if (!ids) {
            return ids.failure();
        }
        outcome.runs = *std::move(ids);
        jobs::placeRuns(workspace);
        const auto runner = jobs::launchQueueRunner(workspace.layout().root);
        return runner ? Result<void>() : Result<void>(runner.failure());
    });
    return outcome;
}

CommandOutcome saveExperiment(const std::filesystem::path& root, const std::string& name, const config::Plan& plan,
                              PlannedRuns runs)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    CommandOutcome outcome;
    attempt(outcome.failures, [&]() -> Result<void> {
        const auto row = jobs::saveExperiment(workspace, name, plan);
        return row ? start(workspace, *row, runs, outcome.runs) : Result<void>(row.failure());
    });
    return outcome;
}

CommandOutcome createMissing(const std::filesystem::path& root, std::int64_t experimentId,
                             const std::vector<config::Experiment>& wanted)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    CommandOutcome outcome;
    attempt(outcome.failures, [&]() -> Result<void> {
        const auto row = experimentOf(workspace, experimentId);
        return row ? startMissing(workspace, *row, wanted, outcome.runs) : Result<void>(row.failure());
    });
    return outcome;
}

CommandOutcome createPlanned(const std::filesystem::path& root, std::int64_t experimentId, PlannedRuns runs)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    CommandOutcome outcome;
    attempt(outcome.failures, [&]() -> Result<void> {
        const auto row = experimentOf(workspace, experimentId);
        return row ? start(workspace, *row, runs, outcome.runs) : Result<void>(row.failure());
    });
    return outcome;
}

CommandOutcome toExperiment(const std::filesystem::path& root, std::int64_t experimentId,
                            const ExperimentCommand& command)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    CommandOutcome outcome;
    const bool done = attempt(outcome.failures, [&]() -> Result<void> {
        const auto row = experimentOf(workspace, experimentId);
        return row ? command(workspace, *row) : Result<void>(row.failure());
    });
    if (done) {
        outcome.done.push_back("#" + std::to_string(experimentId));
    }
    return outcome;
}

CommandOutcome putBack(const std::filesystem::path& root, const DeletedExperiment& deleted)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    CommandOutcome outcome;
    attempt(outcome.failures, [&]() -> Result<void> {
        const auto name = store::ExperimentTable(workspace).putBack(deleted.row, deleted.revisions);
        if (!name) {
            return name.failure();
        }
        outcome.done.push_back("#" + std::to_string(deleted.row.id));
        if (*name != deleted.row.name) {
            return Failure{"The experiment " + deleted.row.name + " is there again as " + *name + ".",
                           "Another experiment has its name by now. Rename one of them.", FailureKind::Usage};
        }
        return {};
    });
    return outcome;
}

void placeRuns(const std::filesystem::path& root)
{
    store::WorkspaceDb workspace = store::WorkspaceDb::open(root, kPatience).value();
    if (workspace.whyReadOnly().empty()) {
        jobs::placeRuns(workspace);
    }
}

Failure joined(const std::vector<Failure>& failures)
{
    const auto lines = [&](std::string Failure::*part) {
        std::vector<std::string> known;
        std::string text;
        for (const Failure& failure : failures) {
            const std::string& line = failure.*part;
            if (!line.empty() && std::find(known.begin(), known.end(), line) == known.end()) {
                known.push_back(line);
                text += (text.empty() ? "" : "\n") + line;
            }
        }
        return text;
    };
    return {lines(&Failure::what), lines(&Failure::hint)};
}

} // namespace dskd::ui
