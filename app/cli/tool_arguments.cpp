// The words of the commands that need no workspace.

#include "app/cli/command_line.h"
#include "app/cli/doctor_command.h"
#include "app/cli/tokenize_command.h"

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
            command.add_flag("--special", o.special, "Add the special tokens that the model puts around a text");
            command.add_flag("--json", o.json, "Print JSON");
        },
        [&line](const TokenizeOptions& o) { return runTokenize(o, line.console()); });
}

} // namespace

void addToolCommands(CommandLine& line)
{
    addDoctor(line);
    addTokenize(line);
}

} // namespace dskd::cli
