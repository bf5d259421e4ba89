// `dskd queue`: runs that wait for their turn.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/field_sets.h"
#include "app/cli/terminal/follow.h"
#include "core/jobs/launch.h"
#include "core/jobs/queue_launch.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace dskd::cli
{

namespace
{

struct QueueAddOptions : CommonOptions {
    std::vector<std::string> what; // configuration files, or runs and groups that were created or stopped before
    std::vector<std::string> sets;
    std::string group;
};

struct QueueWorkOptions : CommonOptions {
    bool detach = false; // in a process of its own that outlives the terminal
};

// The state of its run, as "dskd runs" has it: the queue's own mark stays when a worker dies and nobody works on the
// queue. In the queue a run that is queued waits.
std::string_view stateName(const jobs::RunStatus& status)
{
    return status.status == jobs::Status::Queued ? "waiting" : jobs::name(status.status);
}

// A run, or the experiment that becomes one.
using Wanted = std::variant<std::string, config::Experiment>;

// What `what` names: the experiment of a file, checked, or runs that are not done.
std::vector<Wanted> wantedBy(store::WorkspaceDb& workspace, const std::string& what, const QueueAddOptions& options)
{
    std::error_code error;
    if (std::filesystem::is_regular_file(what, error)) {
        config::Experiment experiment = readExperiment(what, options.sets);
        experiment.group = options.group.empty() ? experiment.group : options.group;
        requireRunnable(experiment);
        return {std::move(experiment)};
    }
    std::vector<Wanted> wanted;
    try {
        for (std::string& id : findRuns(workspace, {what})) {
            wanted.emplace_back(std::move(id));
        }
    } catch (const Error& unknown) {
        throw Error("\"" + what + "\" is neither a configuration file nor a run or group.", unknown.failure().what,
                    FailureKind::NotFound);
    }
    for (const Wanted& run : wanted) {
        jobs::requireQueueable(workspace.layout().run(std::get<std::string>(run))).value();
    }
    return wanted;
}

ExitCode runQueueAdd(const QueueAddOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    std::vector<Wanted> wanted;
    for (const std::string& what : options.what) { // all are looked at before the first is queued
        for (Wanted& one : wantedBy(workspace, what, options)) {
            wanted.push_back(std::move(one));
        }
    }
    nlohmann::json rows = nlohmann::json::array();
    for (const Wanted& one : wanted) {
        const auto* experiment = std::get_if<config::Experiment>(&one);
        const std::string id = // a new run is queued in the change that makes it
            experiment == nullptr ? std::get<std::string>(one)
                                  : jobs::createRuns(workspace, {*experiment}, store::Queueing::Yes).value().front();
        const std::int64_t position = workspace.enqueue(id).value(); // one that is queued keeps its place
        rows.push_back({{"run", id}, {"position", position}});
        if (!options.json) {
            console.out << id << ": number " << position << " in the queue.\n";
        }
    }
    if (options.json) {
        printJson(console.out, rows);
    } else {
        console.err << "\"dskd queue work\" starts them.\n";
    }
    return ExitCode::Done;
}

ExitCode runQueueList(const CommonOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    text::Table table;
    table.columns = {
        {"#", text::Align::Right}, {"state"}, {"run", text::Align::Left, true}, {"name", text::Align::Left, true}};
    nlohmann::json rows = nlohmann::json::array();
    for (const store::QueueRow& entry : workspace.queue()) {
        const auto run = workspace.run(entry.runId);
        const std::string name = run ? run->name : "";
        const jobs::RunStatus status = jobs::withQueue(jobs::readStatus(workspace.layout().run(entry.runId)), &entry);
        const std::string state(stateName(status));
        rows.push_back({{"run", entry.runId},
                        {"state", state},
                        {"sentence", status.sentence},
                        {"position", entry.position},
                        {"name", name}});
        table.add({entry.state == store::QueueState::Running ? "" : std::to_string(entry.position), state, entry.runId,
                   name});
    }
    if (options.json) {
        printJson(console.out, rows);
    } else if (table.rows.empty()) {
        console.out << "The queue is empty. \"dskd queue add CONFIG\" adds a run.\n";
    } else {
        console.out << text::toTerminal(table, tableStyle(console));
    }
    return ExitCode::Done;
}

// Starts a queue runner that outlives the terminal.
ExitCode workDetached(const store::WorkspaceDb& workspace, bool json, Console& console)
{
    const int pid = jobs::launchQueueRunner(workspace.layout().root).value();
    if (json) {
        printJson(console.out, {{"pid", pid == 0 ? nlohmann::json() : nlohmann::json(pid)}});
    } else if (pid == 0) {
        console.out << "A queue runner already works here; it starts the waiting runs.\n";
    } else {
        console.out << "The queue runner works as process " << pid << "; queue.log has its messages.\n";
    }
    return ExitCode::Done;
}

ExitCode runQueueWork(const QueueWorkOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    return options.detach ? workDetached(workspace, options.json, console)
                          : workQueue(console, workspace, options.json);
}

// Waiting runs only.
ExitCode runQueueClear(const CommonOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    std::vector<std::string> removed;
    for (const store::QueueRow& entry : workspace.queue()) {
        if (entry.state == store::QueueState::Waiting && workspace.dequeue(entry.runId)) {
            removed.push_back(entry.runId);
        }
    }
    if (options.json) {
        printJson(console.out, {{"removed", removed}});
    } else {
        console.out << removed.size() << " waiting runs taken out of the queue; the runs themselves stay.\n";
    }
    return ExitCode::Done;
}

} // namespace

void addQueue(CommandLine& line)
{
    CLI::App* queue =
        line.addFamily("queue", "Runs that wait for their turn", "dskd queue add a.json b.json && dskd queue work");
    line.addTo<QueueAddOptions>(
        queue, "add", "Put configurations or existing runs at the end of the queue",
        "dskd queue add dual.json sft.json",
        [](CLI::App& command, QueueAddOptions& o) {
            command.add_option("what", o.what, "Configuration files, or runs: their ids, names or group")
                ->type_name("CONFIG|RUN")
                ->required();
            setOption(command, o.sets);
            command.add_option("--group", o.group, "The group the new runs belong to")->type_name("TEXT");
        },
        runQueueAdd);
    line.addTo<CommonOptions>(
        queue, "list", "Show the queue", "dskd queue list", [](CLI::App&, CommonOptions&) {}, runQueueList);
    line.addTo<QueueWorkOptions>(
        queue, "work", "Start the waiting runs, one per GPU or one on the CPU, until none waits", "dskd queue work",
        [](CLI::App& command, QueueWorkOptions& o) {
            command.add_flag("--detach", o.detach, "Do it in a process of its own that outlives the terminal");
        },
        runQueueWork);
    line.addTo<CommonOptions>(
        queue, "clear", "Take all waiting runs out of the queue", "dskd queue clear", [](CLI::App&, CommonOptions&) {},
        runQueueClear);
}

} // namespace dskd::cli
