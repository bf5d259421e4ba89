// `dskd resume`: starts the worker of a run again, from its latest checkpoint.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/terminal/follow.h"

namespace dskd::cli
{

namespace
{

struct ResumeOptions : CommonOptions {
    std::string run;
    bool detach = false;
};

ExitCode runResume(const ResumeOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const std::string id = workspace.findRun(options.run).value();
    const jobs::RunStatus status = jobs::readStatus(workspace, id);
    if (status.status == jobs::Status::Done) {
        throw Error(id + " is finished: " + status.sentence, "Start a new run with \"dskd run\".");
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
            command.add_flag("--detach", o.detach, "Start it and return at once");
        },
        runResume);
}

} // namespace dskd::cli
