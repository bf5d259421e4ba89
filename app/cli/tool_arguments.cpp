// The words of the commands that need no workspace.

#include "app/cli/command_line.h"
#include "app/cli/doctor_command.h"

namespace dskd::cli
{

namespace
{

void addDoctor(CommandLine& line)
{
    line.add<DoctorOptions>(
        "doctor", "Say what this machine has, what is missing, and how to get it", "dskd doctor",
        [](CLI::App& command, DoctorOptions& o) { command.add_flag("--json", o.json, "Print JSON"); },
        [&line](const DoctorOptions& o) {
            DoctorOptions options = o;
            return runDoctor(options, line.console());
        });
}

} // namespace

void addToolCommands(CommandLine& line)
{
    addDoctor(line);
}

} // namespace dskd::cli
