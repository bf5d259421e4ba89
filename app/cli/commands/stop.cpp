// `dskd stop`: ends workers and takes waiting runs out of the queue.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "core/jobs/launch.h"
#include "core/jobs/status.h"

#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

struct StopOptions : CommonOptions {
    std::vector<std::string> runs;
    bool now = false; // SIGKILL: the steps since the last checkpoint are lost
};

// Every run is tried; Failed when one of them could not be stopped.
ExitCode runStop(const StopOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options);
    nlohmann::json rows = nlohmann::json::array();
    ExitCode code = ExitCode::Done;
    for (const std::string& id : findRuns(workspace, options.runs)) {
        const RunLayout run = workspace.layout().run(id);
        const bool unqueued = !jobs::isAlive(jobs::readStatus(run).status) && workspace.dequeue(id);
        const auto stopped = unqueued ? Result<void>{} : options.now ? jobs::killWorker(run) : jobs::requestStop(run);
        if (stopped) {
            workspace.dequeue(id); // or a queue runner that finds it stopped would start it again
        }
        const std::string sentence = !stopped      ? stopped.failure().text()
                                     : unqueued    ? "Taken out of the queue."
                                     : options.now ? "Killed; what came after the last checkpoint is lost."
                                                   : "Asked to stop: it finishes its step and writes a checkpoint.";
        rows.push_back({{"run", id}, {"ok", stopped.ok()}, {"sentence", sentence}});
        if (!stopped) {
            code = ExitCode::Failed;
        }
        if (!options.json) {
            (stopped ? console.out : console.err) << id << ": " << sentence << '\n';
        }
    }
    if (options.json) {
        printJson(console.out, rows);
    }
    return code;
}

} // namespace

void addStop(CommandLine& line)
{
    line.add<StopOptions>(
        "stop", "Stop runs: finish the step, write a checkpoint, exit", "dskd stop last",
        [](CLI::App& command, StopOptions& o) {
            runsArgument(command, o.runs)->required();
            command.add_flag("--now", o.now, "Kill at once; the steps since the last checkpoint are lost");
        },
        runStop);
}

} // namespace dskd::cli
