// The words of the commands that need no run.

#include "app/cli/command_line.h"
#include "app/cli/config_command.h"
#include "app/cli/doctor_command.h"

namespace dskd::cli
{

namespace
{

void addConfig(CommandLine& line)
{
    line.add<ConfigOptions>(
        "config", "Show every configuration field with its default, or a file completed and checked",
        "dskd config my.json --set train.lr=1e-3 > full.json",
        [](CLI::App& command, ConfigOptions& o) {
            command.add_option("file", o.file, "Configuration to complete and check")->type_name("CONFIG");
            command.add_option("--set", o.sets, "Change a field, for example train.lr=1e-3; may be repeated")
                ->type_name("FIELD=VALUE")
                ->allow_extra_args(false);
            command.add_option("--filter", o.filter, "Only fields whose name contains this")->type_name("TEXT");
        },
        [&line](const ConfigOptions& o) { return runConfig(o, line.console()); });
}

void addDoctor(CommandLine& line)
{
    line.add<DoctorOptions>(
        "doctor", "Say what this machine has, what is missing, and how to get it", "dskd doctor",
        [](CLI::App&, DoctorOptions&) {}, [&line](const DoctorOptions& o) { return runDoctor(o, line.console()); });
}

} // namespace

void addToolCommands(CommandLine& line)
{
    addConfig(line);
    addDoctor(line);
}

} // namespace dskd::cli
