// `dskd resume`: starts the worker of a run again, from its latest checkpoint.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/terminal/follow.h"
#include "core/base/process.h"
#include "core/jobs/launch.h"
#include "core/jobs/run_folder.h"
#include "core/preflight/run_inputs.h"
#include "core/text/escape.h"

#include <utility>

namespace dskd::cli
{

namespace
{

struct ResumeOptions : CommonOptions {
    std::string run;
    bool acceptChanges = false;
    bool detach = false;
};

// Compares what the run is made of with what it began with, before a worker does: throws on changes, unless they are
// accepted, which inputs.json then keeps. A run that keeps nothing of the kind is left to its worker, which warns.
void checkInputs(const RunLayout& run, std::int64_t step, const ResumeOptions& options, Console& console)
{
    const config::Experiment experiment = orThrow(jobs::runConfig(run), FailureKind::NotFound);
    if (experiment.job != config::JobKind::Train) {
        return;
    }
    auto kept = orThrow(preflight::readInputs(run), FailureKind::Usage);
    if (!kept) {
        return;
    }
    std::vector<preflight::InputFile> now = preflight::inputFiles(experiment);
    const std::vector<std::string> changes = preflight::inputChanges(*kept, now);
    if (changes.empty()) {
        return;
    }
    if (!options.acceptChanges) {
        throw Error(preflight::refusedChanges(run, changes));
    }
    preflight::acceptInputs(*kept, std::move(now), step, changes);
    preflight::writeInputs(run, *kept).value();
    if (!options.json) {
        for (const std::string& change : changes) {
            console.err << "Accepted: " << text::terminal(change) << "\n";
        }
    }
}

ExitCode runResume(const ResumeOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const std::string id = workspace.findRun(options.run).value();
    const jobs::RunStatus status = jobs::readStatus(workspace, id);
    if (status.status == jobs::Status::Done) {
        throw Error(id + " is finished: " + status.sentence, "Start a new run with \"dskd run\".");
    }
    const RunLayout run = workspace.layout().run(id);
    jobs::requireStartable(run).value(); // before the step that it goes on from is printed
    if (status.checkpoint) {
        checkInputs(run, *status.checkpoint, options, console);
    }
    if (!options.json) {
        console.err << (status.checkpoint
                            ? "Going on from step " + std::to_string(*status.checkpoint) + ".\n"
                            : std::string("No checkpoint was written yet: starting from the beginning.\n"));
    }
    return launchAndFollow(console, workspace, id, options.detach, options.json);
}

} // namespace

void addResume(CommandLine& line)
{
    line.add<ResumeOptions>(
        "resume", "Go on with a run from its latest checkpoint", "dskd resume 20261123-0512",
        [](CLI::App& command, ResumeOptions& o) {
            runArgument(command, o.run);
            command.add_flag("--accept-changes", o.acceptChanges,
                             "Go on though data, models or tokenizers are not those that the run began with; the run "
                             "records it");
            command.add_flag("--detach", o.detach, "Start it and return at once");
        },
        runResume);
}

} // namespace dskd::cli
