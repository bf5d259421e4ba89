#include "app/cli/commands/run.h"

#include "app/cli/terminal/follow.h"
#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/launch.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

void printOutcome(Console& console, store::WorkspaceDb& workspace, const std::string& runId,
                  const jobs::RunStatus& status)
{
    printJson(console.out, {{"run", runId},
                            {"folder", workspace.layout().run(runId).root.string()},
                            {"status", jobs::name(status.status)},
                            {"sentence", status.sentence},
                            {"step", status.step},
                            {"total_steps", status.totalSteps}});
}

int follow(Console& console, store::WorkspaceDb& workspace, const std::string& runId, bool json)
{
    const auto row = workspace.run(runId);
    const auto ended = followRun(console, workspace.layout().root, runId, row ? labelOf(*row) : runId);
    const RunLayout run = workspace.layout().run(runId);
    if (json) {
        printOutcome(console, workspace, runId, ended ? *ended : jobs::readStatus(run));
    }
    return toInt(ended ? exitCodeFor(run, *ended) : ExitCode::Detached);
}

} // namespace

int runInit(const InitOptions& options, Console& console)
{
    const std::string folder = !options.folder.empty()      ? options.folder
                               : !options.workspace.empty() ? options.workspace
                                                            : ".";
    std::error_code error;
    const bool existed = fs::exists(WorkspaceLayout{folder}.database(), error);
    const auto workspace = store::WorkspaceDb::create(folder);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::Failed, options.json);
    }
    const std::string root = fs::absolute(workspace->layout().root, error).lexically_normal().string();
    if (options.json) {
        printJson(console.out, {{"workspace", root}, {"created", !existed}});
    } else {
        console.out << root << (existed ? " is a workspace already.\n" : " is a workspace now.\n");
    }
    return toInt(ExitCode::Done);
}

Result<void> applySets(config::Experiment& experiment, const std::vector<std::string>& sets)
{
    // A whole method first, wherever it stands: it must not undo what is said beside it.
    const std::string method = std::string(config::kMethodByName) + "=";
    std::vector<std::string> ordered = sets;
    const auto others = std::stable_partition(ordered.begin(), ordered.end(),
                                              [&](const std::string& set) { return set.starts_with(method); });
    if (others - ordered.begin() > 1) {
        return Failure{"--set names two methods, " + ordered[0].substr(method.size()) + " and " +
                           ordered[1].substr(method.size()) + ".",
                       "Name one, and change single fields of it with further --set."};
    }
    for (const std::string& set : ordered) {
        const auto equals = set.find('=');
        if (equals == std::string::npos || equals == 0) {
            return Failure{"--set \"" + set + "\" has no \"=\".",
                           "Write it as FIELD=VALUE, for example train.lr=1e-3."};
        }
        if (const auto done = config::setField(experiment, set.substr(0, equals), set.substr(equals + 1)); !done) {
            return done.failure();
        }
    }
    return {};
}

Result<config::Experiment> readExperiment(const std::string& file, const std::vector<std::string>& sets)
{
    auto experiment = config::loadExperiment(file);
    if (experiment) {
        if (const auto applied = applySets(*experiment, sets); !applied) {
            return applied.failure();
        }
    }
    return experiment;
}

int launchAndFollow(Console& console, store::WorkspaceDb& workspace, const std::string& runId, bool detach, bool json)
{
    const RunLayout run = workspace.layout().run(runId);
    const auto pid = jobs::launchWorker(run);
    if (!pid) {
        return explain(console, pid.failure(), ExitCode::Failed, json);
    }
    if (!detach) {
        return follow(console, workspace, runId, json);
    }
    if (json) {
        printOutcome(console, workspace, runId, jobs::readStatus(run));
    } else {
        console.out << runId << '\n';
        console.err << "Started as process " << *pid << ". \"dskd attach " << runId << "\" shows it, \"dskd stop "
                    << runId << "\" stops it with a checkpoint.\n";
    }
    return toInt(ExitCode::Done);
}

int runRun(const RunOptions& options, Console& console)
{
    auto experiment = readExperiment(options.config, options.sets);
    if (!experiment) {
        return explain(console, experiment.failure(), ExitCode::Usage, options.json);
    }
    experiment->name = options.name.empty() ? experiment->name : options.name;
    experiment->group = options.group.empty() ? experiment->group : options.group;
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    const auto id = jobs::createRun(*workspace, *experiment);
    if (!id) {
        return explain(console, id.failure(), ExitCode::Usage, options.json);
    }
    if (!options.detach) {
        console.err << *id << '\n';
    }
    return launchAndFollow(console, *workspace, *id, options.detach, options.json);
}

int runAttach(const AttachOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    const auto id = workspace->findRun(options.run);
    if (!id) {
        return explain(console, id.failure(), ExitCode::NotFound, options.json);
    }
    return follow(console, *workspace, *id, options.json);
}

int runResume(const ResumeOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    const auto id = workspace->findRun(options.run);
    if (!id) {
        return explain(console, id.failure(), ExitCode::NotFound, options.json);
    }
    const jobs::RunStatus status = jobs::readStatus(*workspace, *id);
    if (status.status == jobs::Status::Done) {
        return explain(console, {*id + " is finished: " + status.sentence, "Start a new run with \"dskd run\"."},
                       ExitCode::Failed, options.json);
    }
    if (!options.json) {
        console.err << (status.checkpoint
                            ? "Going on from step " + std::to_string(*status.checkpoint) + ".\n"
                            : std::string("No checkpoint was written yet: starting from the beginning.\n"));
    }
    return launchAndFollow(console, *workspace, *id, options.detach, options.json);
}

int runStop(const StopOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    const auto ids = findRuns(*workspace, options.runs);
    if (!ids) {
        return explain(console, ids.failure(), ExitCode::NotFound, options.json);
    }
    nlohmann::json rows = nlohmann::json::array();
    int code = toInt(ExitCode::Done);
    for (const std::string& id : *ids) {
        const RunLayout run = workspace->layout().run(id);
        const bool unqueued = !jobs::isAlive(jobs::readStatus(run).status) && workspace->dequeue(id);
        const auto asked = unqueued ? Result<void>{} : options.now ? jobs::killWorker(run) : jobs::requestStop(run);
        if (asked) {
            workspace->dequeue(id); // or a queue runner that finds it stopped would start it again
        }
        const std::string sentence = !asked        ? asked.failure().text()
                                     : unqueued    ? "Taken out of the queue."
                                     : options.now ? "Killed; what came after the last checkpoint is lost."
                                                   : "Asked to stop: it finishes its step and writes a checkpoint.";
        rows.push_back({{"run", id}, {"ok", asked.ok()}, {"sentence", sentence}});
        if (!asked) {
            code = toInt(ExitCode::Failed);
        }
        if (!options.json) {
            (asked ? console.out : console.err) << id << ": " << sentence << '\n';
        }
    }
    if (options.json) {
        printJson(console.out, rows);
    }
    return code;
}

} // namespace dskd::cli
