// The words of the commands that need no workspace.

#include "app/cli/align_command.h"
#include "app/cli/command_line.h"
#include "app/cli/doctor_command.h"

#include <string>

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

void addAlign(CommandLine& line)
{
    line.add<AlignOptions>(
        "align", "Measure how much of a student's tokens exact token alignment reaches",
        "dskd align --teacher models/teacher --student models/student --data data/dev.jsonl",
        [](CLI::App& command, AlignOptions& o) {
            command.add_option("--teacher", o.teacher, "Folder with the teacher's tokenizer")->required();
            command.add_option("--student", o.student, "Folder with the student's tokenizer")->required();
            command.add_option("--data", o.data, "JSONL file whose answers are aligned")->required();
            command
                .add_option_function<std::string>(
                    "--method",
                    [&o](const std::string& name) {
                        o.method = name == methodName(align::Method::EtaPublished) ? align::Method::EtaPublished
                                                                                   : align::Method::EtaBytes;
                    },
                    "eta-bytes (default), or eta-published as the reference code does it")
                ->check(CLI::IsMember({"eta-bytes", "eta-published"}))
                ->option_text("NAME");
            command.add_option("--limit", o.limit, "Only the first N records")->check(CLI::NonNegativeNumber);
            command.add_flag("--json", o.json, "Print JSON");
        },
        [&line](const AlignOptions& o) { return runAlign(o, line.console()); });
}

} // namespace

void addToolCommands(CommandLine& line)
{
    addAlign(line);
    addDoctor(line);
}

} // namespace dskd::cli
