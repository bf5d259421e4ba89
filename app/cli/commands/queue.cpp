#include "app/cli/commands/queue.h"

#include "app/cli/commands/run.h"
#include "app/cli/grid.h"
#include "app/cli/terminal/follow.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/queue_launch.h"
#include "core/jobs/run_folder.h"
#include "core/text/table.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <variant>

namespace dskd::cli
{

namespace
{

std::string_view stateName(store::QueueState state)
{
    return state == store::QueueState::Running ? "running" : "waiting";
}

// Works the queue down and says how it went.
int work(store::WorkspaceDb& workspace, bool json, Console& console)
{
    const auto ended = followQueue(console, workspace);
    if (!ended) {
        return explain(console, ended.failure(), ExitCode::Failed, json);
    }
    const jobs::QueueSummary& summary = ended->summary;
    if (json) {
        printJson(console.out,
                  {{"finished", summary.finished}, {"failed", summary.failed}, {"detached", ended->detached}});
    } else {
        console.out << summary.finished.size() << " finished, " << summary.failed.size() << " not.\n";
    }
    if (ended->detached) {
        return toInt(ExitCode::Detached);
    }
    return toInt(summary.failed.empty() ? ExitCode::Done : ExitCode::Failed);
}

int workDetached(store::WorkspaceDb& workspace, bool json, Console& console)
{
    const Result<int> pid = jobs::launchQueueRunner(workspace.layout().root);
    if (!pid) {
        return explain(console, pid.failure(), ExitCode::Failed, json);
    }
    if (json) {
        printJson(console.out, {{"pid", *pid == 0 ? nlohmann::json() : nlohmann::json(*pid)}});
    } else if (*pid == 0) {
        console.out << "A queue runner already works here; it starts the waiting runs.\n";
    } else {
        console.out << "The queue runner works as process " << *pid << "; queue.log says what it does.\n";
    }
    return toInt(ExitCode::Done);
}

// Creates the run of one experiment and queues it.
Result<std::string> createAndQueue(store::WorkspaceDb& workspace, const config::Experiment& experiment)
{
    auto id = jobs::createRun(workspace, experiment);
    if (id) {
        if (const auto position = workspace.enqueue(*id); !position) {
            return position.failure();
        }
    }
    return id;
}

} // namespace

int runQueueAdd(const QueueAddOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    std::vector<std::variant<std::string, config::Experiment>> wanted; // a run, or what becomes one
    for (const std::string& what : options.what) {                     // all are looked at before the first is queued
        std::error_code error;
        if (std::filesystem::is_regular_file(what, error)) {
            auto experiment = readExperiment(what, options.sets);
            if (!experiment) {
                return explain(console, experiment.failure(), ExitCode::Usage, options.json);
            }
            experiment->group = options.group.empty() ? experiment->group : options.group;
            if (const auto checked = jobs::checkExperiment(*experiment); !checked) {
                return explain(console, checked.failure(), ExitCode::Usage, options.json);
            }
            wanted.emplace_back(std::move(*experiment));
        } else if (const auto found = workspace->findRun(what)) {
            wanted.emplace_back(*found);
        } else {
            return explain(console,
                           {"\"" + what + "\" is neither a configuration file nor a run.", found.failure().what},
                           ExitCode::NotFound, options.json);
        }
    }
    nlohmann::json rows = nlohmann::json::array();
    for (const auto& one : wanted) {
        const auto* experiment = std::get_if<config::Experiment>(&one);
        const Result<std::string> id = experiment == nullptr ? Result<std::string>(std::get<std::string>(one))
                                                             : jobs::createRun(*workspace, *experiment);
        if (!id) {
            return explain(console, id.failure(), ExitCode::Failed, options.json);
        }
        const auto position = workspace->enqueue(*id);
        if (!position) {
            return explain(console, position.failure(), ExitCode::Failed, options.json);
        }
        rows.push_back({{"run", *id}, {"position", *position}});
        if (!options.json) {
            console.out << *id << ": number " << *position << " in the queue.\n";
        }
    }
    if (options.json) {
        printJson(console.out, rows);
    } else {
        console.err << "\"dskd queue work\" starts them.\n";
    }
    return toInt(ExitCode::Done);
}

int runQueueList(const CommonOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    text::Table table;
    table.columns = {
        {"#", text::Align::Right}, {"state"}, {"run", text::Align::Left, true}, {"name", text::Align::Left, true}};
    nlohmann::json rows = nlohmann::json::array();
    for (const store::QueueRow& entry : workspace->queue()) {
        const auto run = workspace->run(entry.runId);
        const std::string name = run ? run->name : "";
        rows.push_back(
            {{"run", entry.runId}, {"state", stateName(entry.state)}, {"position", entry.position}, {"name", name}});
        table.add({entry.state == store::QueueState::Running ? "" : std::to_string(entry.position),
                   std::string(stateName(entry.state)), entry.runId, name});
    }
    if (options.json) {
        printJson(console.out, rows);
    } else if (table.rows.empty()) {
        console.out << "The queue is empty. \"dskd queue add CONFIG\" adds a run.\n";
    } else {
        console.out << text::toTerminal(table, {console.width, console.utf8, console.colors});
    }
    return toInt(ExitCode::Done);
}

int runQueueWork(const QueueWorkOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    return options.detach ? workDetached(*workspace, options.json, console) : work(*workspace, options.json, console);
}

int runQueueClear(const CommonOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    std::vector<std::string> removed;
    for (const store::QueueRow& entry : workspace->queue()) {
        if (entry.state == store::QueueState::Waiting && workspace->dequeue(entry.runId)) {
            removed.push_back(entry.runId);
        }
    }
    if (options.json) {
        printJson(console.out, {{"removed", removed}});
    } else {
        console.out << removed.size() << " waiting runs taken out of the queue; the runs themselves stay.\n";
    }
    return toInt(ExitCode::Done);
}

int runSweep(const SweepOptions& options, Console& console)
{
    auto base = readExperiment(options.config, options.sets);
    if (!base) {
        return explain(console, base.failure(), ExitCode::Usage, options.json);
    }
    std::vector<Axis> axes;
    for (const std::string& text : options.grid) {
        auto axis = parseAxis(text);
        if (!axis) {
            return explain(console, axis.failure(), ExitCode::Usage, options.json);
        }
        axes.push_back(std::move(*axis));
    }
    std::vector<std::uint64_t> seeds;
    if (!options.seeds.empty()) {
        auto parsed = parseSeeds(options.seeds);
        if (!parsed) {
            return explain(console, parsed.failure(), ExitCode::Usage, options.json);
        }
        seeds = std::move(*parsed);
    }
    if (!options.group.empty()) {
        base->group = options.group;
    } else if (base->group.empty()) {
        base->group = base->name.empty() ? std::filesystem::path(options.config).stem().string() : base->name;
    }
    const auto experiments = expandGrid(*base, axes, seeds, options.sets);
    if (!experiments) {
        return explain(console, experiments.failure(), ExitCode::Usage, options.json);
    }
    console.err << experiments->size() << (experiments->size() == 1 ? " run" : " runs") << " in group \"" << base->group
                << "\".\n";
    if (options.dryRun) {
        nlohmann::json rows = nlohmann::json::array();
        for (const config::Experiment& experiment : *experiments) {
            rows.push_back({{"name", experiment.name}, {"seed", experiment.seed}});
            if (!options.json) {
                console.out << experiment.name << ", seed " << experiment.seed << '\n';
            }
        }
        if (options.json) {
            printJson(console.out, {{"group", base->group}, {"runs", rows}});
        }
        return toInt(ExitCode::Done);
    }
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    std::vector<std::string> ids;
    for (const config::Experiment& experiment : *experiments) {
        const auto id = createAndQueue(*workspace, experiment);
        if (!id) {
            return explain(console, id.failure(), ExitCode::Failed, options.json);
        }
        ids.push_back(*id);
    }
    if (!options.queueOnly) {
        return work(*workspace, options.json, console);
    }
    if (options.json) {
        printJson(console.out, {{"group", base->group}, {"runs", ids}});
    } else {
        for (const std::string& id : ids) {
            console.out << id << '\n';
        }
        console.err << "\"dskd queue work\" starts them.\n";
    }
    return toInt(ExitCode::Done);
}

} // namespace dskd::cli
