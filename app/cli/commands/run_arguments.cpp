// The words of the commands that start, queue and stop runs.

#include "app/cli/command_line.h"
#include "app/cli/commands/queue.h"
#include "app/cli/commands/run.h"

namespace dskd::cli
{

namespace
{

constexpr const char* kSetHelp = "Change a field, for example train.lr=1e-3; may be repeated";

void addInit(CommandLine& line)
{
    line.add<InitOptions>(
        "init", "Make a folder a workspace", "dskd init ~/distil",
        [](CLI::App& command, InitOptions& o) {
            command.add_option("folder", o.folder, "The folder (default: this one)")->type_name("DIR");
        },
        [&line](const InitOptions& o) { return runInit(o, line.console()); });
}

void addRun(CommandLine& line)
{
    line.add<RunOptions>(
        "run", "Start a run and show its progress; Ctrl-C detaches (exit code 15), the run goes on",
        "dskd run dual.json --set train.lr=1e-3 --name \"dual, lr 1e-3\"",
        [](CLI::App& command, RunOptions& o) {
            command.add_option("config", o.config, "Configuration file")->type_name("CONFIG")->required();
            command.add_option("--set", o.sets, kSetHelp)->type_name("FIELD=VALUE")->allow_extra_args(false);
            command.add_option("--name", o.name, "What to call the run")->type_name("TEXT");
            command.add_option("--group", o.group, "The group it belongs to")->type_name("TEXT");
            command.add_flag("--detach", o.detach, "Start it and return at once");
        },
        [&line](const RunOptions& o) { return runRun(o, line.console()); });
}

void addAttach(CommandLine& line)
{
    line.add<AttachOptions>(
        "attach", "Show the progress of a run that is going on", "dskd attach last",
        [](CLI::App& command, AttachOptions& o) {
            command.add_option("run", o.run, "Id, its beginning, name, or \"last\"")->type_name("RUN")->required();
        },
        [&line](const AttachOptions& o) { return runAttach(o, line.console()); });
}

void addResume(CommandLine& line)
{
    line.add<ResumeOptions>(
        "resume", "Go on with a run from its latest checkpoint", "dskd resume 20261123-0512",
        [](CLI::App& command, ResumeOptions& o) {
            command.add_option("run", o.run, "Id, its beginning, name, or \"last\"")->type_name("RUN")->required();
            command.add_flag("--detach", o.detach, "Start it and return at once");
        },
        [&line](const ResumeOptions& o) { return runResume(o, line.console()); });
}

void addStop(CommandLine& line)
{
    line.add<StopOptions>(
        "stop", "Stop runs: finish the step, write a checkpoint, exit", "dskd stop last",
        [](CLI::App& command, StopOptions& o) {
            command.add_option("runs", o.runs, "Ids, names, \"last\", or a group: its name, or group:NAME")
                ->type_name("RUN")
                ->required();
            command.add_flag("--now", o.now, "Kill at once; the steps since the last checkpoint are lost");
        },
        [&line](const StopOptions& o) { return runStop(o, line.console()); });
}

void addQueue(CommandLine& line)
{
    CLI::App* queue =
        line.addFamily("queue", "Runs that wait for their turn", "dskd queue add a.json b.json && dskd queue work");
    line.addTo<QueueAddOptions>(
        queue, "add", "Put configurations or existing runs at the end of the queue",
        "dskd queue add dual.json sft.json",
        [](CLI::App& command, QueueAddOptions& o) {
            command.add_option("what", o.what, "Configuration files or runs")->type_name("CONFIG|RUN")->required();
            command.add_option("--set", o.sets, kSetHelp)->type_name("FIELD=VALUE")->allow_extra_args(false);
            command.add_option("--group", o.group, "The group the new runs belong to")->type_name("TEXT");
        },
        [&line](const QueueAddOptions& o) { return runQueueAdd(o, line.console()); });
    const auto nothing = [](CLI::App&, CommonOptions&) {};
    line.addTo<CommonOptions>(queue, "list", "Show the queue", "dskd queue list", nothing,
                              [&line](const CommonOptions& o) { return runQueueList(o, line.console()); });
    line.addTo<QueueWorkOptions>(
        queue, "work", "Start the waiting runs, one per GPU or one on the CPU, until none waits", "dskd queue work",
        [](CLI::App& command, QueueWorkOptions& o) {
            command.add_flag("--detach", o.detach, "Do it in a process of its own that outlives the terminal");
        },
        [&line](const QueueWorkOptions& o) { return runQueueWork(o, line.console()); });
    line.addTo<CommonOptions>(queue, "clear", "Take all waiting runs out of the queue", "dskd queue clear", nothing,
                              [&line](const CommonOptions& o) { return runQueueClear(o, line.console()); });
}

void addSweep(CommandLine& line)
{
    line.add<SweepOptions>(
        "sweep", "Run every combination of field values, times seeds",
        "dskd sweep dual.json --grid space=diff,student,dual --seeds 10,20,30",
        [](CLI::App& command, SweepOptions& o) {
            command.add_option("config", o.config, "Configuration that the grid varies")
                ->type_name("CONFIG")
                ->required();
            command.add_option("--grid", o.grid, "A field and its values; may be repeated")
                ->type_name("FIELD=A,B,…")
                ->allow_extra_args(false);
            command.add_option("--seeds", o.seeds, "Seeds, for example 10,20,30")->type_name("N,N,…");
            command.add_option("--set", o.sets, kSetHelp)->type_name("FIELD=VALUE")->allow_extra_args(false);
            command.add_option("--group", o.group, "The group of all these runs")->type_name("TEXT");
            command.add_flag("--queue", o.queueOnly, "Only queue them; \"dskd queue work\" starts them");
            command.add_flag("--dry-run", o.dryRun, "Only say which runs there would be");
        },
        [&line](const SweepOptions& o) { return runSweep(o, line.console()); });
}

} // namespace

void addRunCommands(CommandLine& line)
{
    addInit(line);
    addRun(line);
    addAttach(line);
    addResume(line);
    addStop(line);
    addQueue(line);
    addSweep(line);
}

} // namespace dskd::cli
