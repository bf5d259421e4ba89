// `dskd queue`: runs that wait for their turn.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/field_sets.h"
#include "app/cli/terminal/follow.h"
#include "core/jobs/launch.h"
#include "core/jobs/queue_launch.h"
#include "core/jobs/queue_runner.h"
#include "core/jobs/queue_state.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "core/jobs/time_estimate.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

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

struct QueueMoveOptions : CommonOptions {
    std::string run;
    std::int64_t place = 1; // 1 is next
};

struct QueueFailureOptions : CommonOptions {
    std::string what; // "continue" or "pause"
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
        jobs::checkNames(experiment).value();
        return {std::move(experiment)};
    }
    std::vector<Wanted> wanted;
    try {
        for (std::string& id : findRuns(workspace, {what})) {
            wanted.emplace_back(std::move(id));
        }
    } catch (const Error& unknown) {
        throw Error("\"" + what + "\" is neither a configuration file nor a run or group.", unknown.failure().text(),
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

// When its run ends, as JSON: null where that is not known.
nlohmann::json secondsLeft(const jobs::QueueForecast& forecast, const store::QueueRow& entry)
{
    const auto known = forecast.secondsUntilEnd(entry);
    return known ? nlohmann::json(*known) : nlohmann::json();
}

ExitCode runQueueList(const CommonOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    text::Table table;
    table.columns = {{"#", text::Align::Right},
                     {"state"},
                     {"run", text::Align::Left, true, text::Worth::Id},
                     {"name", text::Align::Left, true, text::Worth::Name}};
    table.mayLeaveOut = true;
    nlohmann::json rows = nlohmann::json::array();
    const jobs::QueueForecast forecast = jobs::forecastQueue(workspace, jobs::localSlots().size());
    for (const store::QueueRow& entry : workspace.queue()) {
        const auto run = workspace.run(entry.runId);
        const std::string name = run ? run->name : "";
        const jobs::RunStatus status = jobs::withQueue(jobs::readStatus(workspace.layout().run(entry.runId)), &entry);
        const std::string state(stateName(status));
        rows.push_back({{"run", entry.runId},
                        {"state", state},
                        {"sentence", status.sentence},
                        {"position", entry.position},
                        {"name", name},
                        {"paused", forecast.paused && entry.state == store::QueueState::Waiting},
                        {"seconds_left", secondsLeft(forecast, entry)}});
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
    if (!options.json && forecast.paused) {
        console.out << "The queue is " << text::terminal(jobs::toText(forecast))
                    << ". \"dskd queue continue\" ends the pause.\n";
    } else if (!options.json && !table.rows.empty()) {
        if (forecast.seconds) {
            console.out << "Ends about " << text::localTime(unixTime() + *forecast.seconds) << ": ";
        }
        console.out << text::terminal(jobs::toText(forecast)) << ".\n";
        if (!jobs::queueRunnerWorks(workspace.layout().root)) {
            console.out << "No runner works: \"dskd queue work\" starts them.\n";
        }
    }
    return ExitCode::Done;
}

ExitCode runQueuePause(const CommonOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    jobs::setQueuePaused(workspace, true);
    if (options.json) {
        printJson(console.out, {{"paused", true}});
    } else {
        console.out << "The queue is paused. Running runs go on; no other is started.\n";
    }
    return ExitCode::Done;
}

ExitCode runQueueContinue(const CommonOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    jobs::setQueuePaused(workspace, false);
    if (options.json) {
        printJson(console.out, {{"paused", false}});
    } else {
        console.out << "The queue goes on. \"dskd queue work\" starts the waiting runs where no runner works.\n";
    }
    return ExitCode::Done;
}

ExitCode runQueueOnFailure(const QueueFailureOptions& options, Console& console)
{
    const bool goesOn = options.what == "continue";
    if (!goesOn && options.what != "pause") {
        throw Error("\"" + options.what + "\" is neither \"continue\" nor \"pause\".",
                    "For example: dskd queue on-failure pause", FailureKind::Usage);
    }
    store::WorkspaceDb workspace = openWorkspace(options, console);
    jobs::setContinuesAfterFailure(workspace, goesOn);
    if (options.json) {
        printJson(console.out, {{"on_failure", options.what}});
    } else {
        console.out << (goesOn ? "After a run that fails the next one is started.\n"
                               : "After a run that fails the queue is paused.\n");
    }
    return ExitCode::Done;
}

ExitCode runQueueMove(const QueueMoveOptions& options, Console& console)
{
    if (options.place < 1) {
        throw Error(std::to_string(options.place) + " is no place in the queue.", "1 is the run that is started next.",
                    FailureKind::Usage);
    }
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const std::string id = workspace.findRun(options.run).value();
    if (const Result<void> moved = workspace.moveInQueue(id, options.place); !moved) {
        throw Error(moved.failure().what, "\"dskd queue list\" shows the runs that wait, \"dskd queue add\" adds one.",
                    FailureKind::Usage);
    }
    std::int64_t place = 0;
    for (const store::QueueRow& entry : workspace.queue()) {
        place = entry.runId == id ? entry.position : place;
    }
    if (options.json) {
        printJson(console.out, {{"run", id}, {"position", place}});
    } else {
        console.out << id << ": number " << place << " in the queue.\n";
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
        console.out << text::counted(static_cast<std::int64_t>(removed.size()), "waiting run")
                    << " taken out of the queue; the runs themselves stay.\n";
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
        queue, "pause", "Start no other run; running ones go on", "dskd queue pause", [](CLI::App&, CommonOptions&) {},
        runQueuePause);
    line.addTo<CommonOptions>(
        queue, "continue", "End the pause", "dskd queue continue", [](CLI::App&, CommonOptions&) {}, runQueueContinue);
    line.addTo<QueueFailureOptions>(
        queue, "on-failure", "Say whether a run that fails pauses the queue", "dskd queue on-failure pause",
        [](CLI::App& command, QueueFailureOptions& o) {
            command.add_option("what", o.what, "What comes after it: the next run, or a pause")
                ->type_name("continue|pause")
                ->required();
        },
        runQueueOnFailure);
    line.addTo<QueueMoveOptions>(
        queue, "move", "Give a waiting run another place", "dskd queue move last 1",
        [](CLI::App& command, QueueMoveOptions& o) {
            runArgument(command, o.run);
            command.add_option("place", o.place, "Its place among the waiting runs; 1 is next")
                ->type_name("PLACE")
                ->required();
        },
        runQueueMove);
    line.addTo<CommonOptions>(
        queue, "clear", "Take all waiting runs out of the queue", "dskd queue clear", [](CLI::App&, CommonOptions&) {},
        runQueueClear);
}

} // namespace dskd::cli
