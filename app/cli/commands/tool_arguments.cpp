// The words of the commands that need no run.

#include "app/cli/command_line.h"
#include "app/cli/commands/align.h"
#include "app/cli/commands/check.h"
#include "app/cli/commands/config.h"
#include "app/cli/commands/doctor.h"
#include "app/cli/commands/methods.h"
#include "app/cli/commands/tokenize.h"

#include <string>

namespace dskd::cli
{

namespace
{

void addCheck(CommandLine& line)
{
    line.add<CheckOptions>(
        "check", "Say whether an experiment fits together, before anything is trained",
        "dskd check dual.json --set method.alignment=cma",
        [](CLI::App& command, CheckOptions& o) {
            command.add_option("config", o.config, "Configuration to check")->required()->type_name("CONFIG");
            command.add_option("--set", o.sets, "Change a field, for example train.lr=1e-3; may be repeated")
                ->type_name("FIELD=VALUE")
                ->allow_extra_args(false);
        },
        [&line](const CheckOptions& o) { return runCheck(o, line.console()); });
}

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

void addMethods(CommandLine& line)
{
    line.add<MethodsOptions>(
        "methods", "List every distillation method, and what its choices mean", "dskd methods dskd-v2",
        [](CLI::App& command, MethodsOptions& o) {
            command.add_option("method", o.method, "Print the fields of this one")->type_name("METHOD");
        },
        [&line](const MethodsOptions& o) { return runMethods(o, line.console()); });
}

void addDoctor(CommandLine& line)
{
    line.add<DoctorOptions>(
        "doctor", "Say what this machine has, what is missing, and how to get it", "dskd doctor",
        [](CLI::App&, DoctorOptions&) {}, [&line](const DoctorOptions& o) { return runDoctor(o, line.console()); });
}

void addTokenize(CommandLine& line)
{
    line.add<TokenizeOptions>(
        "tokenize", "Show the ids, pieces and byte offsets of texts",
        "dskd tokenize --model models/gpt2 --text 'Hello world'",
        [](CLI::App& command, TokenizeOptions& o) {
            command.add_option("-m,--model", o.model, "Folder with a tokenizer")->required();
            command.add_option("-t,--text", o.text, "A text");
            command.add_option("-f,--file", o.file, "A file, read as one text");
            command.add_option("--jsonl", o.jsonl, "A file with one JSON object a line; one result a line");
            command.add_option("--field", o.field, "The field of the JSON objects that holds the text")
                ->capture_default_str();
            command
                .add_option("--template", o.promptTemplate,
                            "Show the prompts that a template (chat, chatml, alpaca, ...) makes of the records in "
                            "--jsonl")
                ->type_name("NAME");
            command.add_option("--system", o.systemPrompt, "The system message that a chat template says first");
            command.add_option("--limit", o.limit, "Only the first N records, with --template")
                ->check(CLI::NonNegativeNumber);
            command.add_flag("--special", o.special, "Add the special tokens that the model puts around a text");
            command.add_flag("--json", o.json, "Print JSON");
        },
        [&line](const TokenizeOptions& o) { return runTokenize(o, line.console()); });
}

void addAlign(CommandLine& line)
{
    line.add<AlignOptions>(
        "align", "Measure how much of a student's tokens an alignment reaches",
        "dskd align --teacher models/teacher --student models/student --data data/dev.jsonl",
        [](CLI::App& command, AlignOptions& o) {
            command.add_option("--teacher", o.teacher, "Folder with the teacher's tokenizer")->required();
            command.add_option("--student", o.student, "Folder with the student's tokenizer")->required();
            command.add_option("--data", o.data, "JSONL file whose answers are aligned")->required();
            command
                .add_option_function<std::string>(
                    "--method",
                    [&o](const std::string& name) {
                        o.minimumEdits = name == kMinimumEditsName;
                        o.method = name == methodName(align::Method::EtaPublished) ? align::Method::EtaPublished
                                                                                   : align::Method::EtaBytes;
                    },
                    "eta-bytes (default), eta-published as the reference code does it, or mined (fewest edits)")
                ->check(CLI::IsMember({"eta-bytes", "eta-published", "mined"}))
                ->option_text("NAME");
            command
                .add_option("--template", o.promptTemplate,
                            "data.template: a chat template says what ends an answer, and which records it can write")
                ->type_name("NAME");
            command.add_option("--limit", o.limit, "Only the first N records")->check(CLI::NonNegativeNumber);
            command.add_flag("--json", o.json, "Print JSON");
        },
        [&line](const AlignOptions& o) { return runAlign(o, line.console()); });
}

} // namespace

void addToolCommands(CommandLine& line)
{
    addCheck(line);
    addConfig(line);
    addMethods(line);
    addDoctor(line);
    addTokenize(line);
    addAlign(line);
}

} // namespace dskd::cli
