// `dskd run`: makes a run of a configuration, starts its worker and shows its progress.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/field_sets.h"
#include "app/cli/terminal/follow.h"
#include "core/jobs/experiments.h"
#include "core/jobs/run_folder.h"

namespace dskd::cli
{

namespace
{

struct RunOptions : CommonOptions {
    std::string config;
    std::vector<std::string> sets;
    std::string name;
    std::string group;
    bool detach = false;
};

ExitCode runRun(const RunOptions& options, Console& console)
{
    config::Experiment experiment = readExperiment(options.config, options.sets);
    experiment.name = options.name.empty() ? experiment.name : options.name;
    experiment.group = options.group.empty() ? experiment.group : options.group;
    store::WorkspaceDb workspace = openWorkspace(options, console);
    requireRunnable(experiment);
    const std::string id = jobs::createRun(workspace, experiment).value();
    jobs::placeRuns(workspace);
    if (!options.detach) {
        console.err << id << '\n';
    }
    return launchAndFollow(console, workspace, id, options.detach, options.json);
}

} // namespace

void addRun(CommandLine& line)
{
    line.add<RunOptions>(
        "run", "Start a run and show its progress; Ctrl-C detaches (exit code 15), the run goes on",
        "dskd run dual.json --set train.lr=1e-3 --name \"dual, lr 1e-3\"",
        [](CLI::App& command, RunOptions& o) {
            command.add_option("config", o.config, "Configuration file")->type_name("CONFIG")->required();
            setOption(command, o.sets);
            command.add_option("--name", o.name, "What to call the run")->type_name("TEXT");
            command.add_option("--group", o.group, "The group it belongs to")->type_name("TEXT");
            command.add_flag("--detach", o.detach, "Start it and return at once");
        },
        runRun);
}

} // namespace dskd::cli
