// `dskd stop` ends workers and takes waiting runs out of the queue; `dskd checkpoint` lets them go on.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "core/config/schema/choices.h"
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

struct CheckpointOptions : CommonOptions {
    std::vector<std::string> runs;
};

// What a command did with one run.
struct Outcome {
    Result<void> done;
    std::string sentence; // where it was done
};

// Every run is tried and reported; Failed when it could not be done with one of them.
template <typename Action>
ExitCode forEachRun(store::WorkspaceDb& workspace, const std::vector<std::string>& runs, bool json, Console& console,
                    const Action& action)
{
    nlohmann::json rows = nlohmann::json::array();
    ExitCode code = ExitCode::Done;
    for (const std::string& id : findRuns(workspace, runs)) {
        const Outcome outcome = action(id, workspace.layout().run(id));
        const std::string sentence = outcome.done ? outcome.sentence : outcome.done.failure().text();
        rows.push_back({{"run", id}, {"ok", outcome.done.ok()}, {"sentence", sentence}});
        if (!outcome.done) {
            code = ExitCode::Failed;
        }
        if (!json) {
            (outcome.done ? console.out : console.err) << id << ": " << sentence << '\n';
        }
    }
    if (json) {
        printJson(console.out, rows);
    }
    return code;
}

// `trains`: evaluations and answers have no checkpoints.
std::string killedSentence(bool atWork, bool trains)
{
    if (!atWork) {
        return "It had ended already; what was left of its process is killed. Nothing is lost.";
    }
    return trains ? "Killed; what came after the last checkpoint is lost." : "Killed.";
}

std::string stopSentence(bool trains)
{
    return trains ? "Asked to stop: it finishes its step and writes a checkpoint." : "Asked to stop: it ends.";
}

ExitCode runStop(const StopOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    return forEachRun(workspace, options.runs, options.json, console,
                      [&](const std::string& id, const RunLayout& run) -> Outcome {
                          const bool atWork = jobs::isAlive(jobs::readStatus(run).status);
                          if (!atWork && workspace.dequeue(id)) {
                              return {{}, "Taken out of the queue."};
                          }
                          const auto row = workspace.run(id);
                          const bool trains = !row || row->job == config::name(config::JobKind::Train);
                          Outcome outcome = options.now ? Outcome{jobs::killWorker(run), killedSentence(atWork, trains)}
                                                        : Outcome{jobs::requestStop(run), stopSentence(trains)};
                          if (outcome.done) {
                              try {
                                  workspace.dequeue(id); // or a queue runner that finds it stopped would start it again
                              } catch (const Error& failed) { // the worker has got its signal all the same
                                  outcome.sentence += " The queue could not be changed: " + failed.failure().what;
                              }
                          }
                          return outcome;
                      });
}

ExitCode runCheckpoint(const CheckpointOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    return forEachRun(
        workspace, options.runs, options.json, console, [](const std::string&, const RunLayout& run) -> Outcome {
            return {jobs::requestCheckpoint(run), "Asked for a checkpoint: it writes one after its step and goes on."};
        });
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

void addCheckpoint(CommandLine& line)
{
    line.add<CheckpointOptions>(
        "checkpoint", "Let running runs write a checkpoint after their step and go on", "dskd checkpoint last",
        [](CLI::App& command, CheckpointOptions& o) { runsArgument(command, o.runs)->required(); }, runCheckpoint);
}

} // namespace dskd::cli
