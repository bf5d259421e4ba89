// `dskd attach`: shows the progress of a run whose worker was started before.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/terminal/follow.h"

namespace dskd::cli
{

namespace
{

struct AttachOptions : CommonOptions {
    std::string run;
};

ExitCode runAttach(const AttachOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    return follow(console, workspace, workspace.findRun(options.run).value(), options.json);
}

} // namespace

void addAttach(CommandLine& line)
{
    line.add<AttachOptions>(
        "attach", "Show the progress of a run that is going on", "dskd attach last",
        [](CLI::App& command, AttachOptions& o) { runArgument(command, o.run); }, runAttach);
}

} // namespace dskd::cli
