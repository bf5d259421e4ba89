// `dskd tokenize`: ids, pieces and byte offsets of a text, a file, or one field of every line of a JSONL file; or the
// prompts that a template makes of records.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/number_range.h"
#include "core/base/file_kind.h"
#include "core/base/regular_file.h"
#include "core/base/system_failure.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/experiment_json.h"
#include "core/dataset/conversation.h"
#include "core/dataset/sample.h"
#include "core/preflight/rules.h"
#include "core/text/escape.h"
#include "core/text/table.h"
#include "core/tokenizer/tokenizer.h"

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

namespace dskd::cli
{
namespace
{

using nlohmann::json;
using tokenizer::Encoding;
using tokenizer::Tokenizer;

struct TokenizeOptions : CommonOptions {
    std::filesystem::path model;     // a folder with a tokenizer
    std::optional<std::string> text; // exactly one of these three
    std::filesystem::path file;
    std::filesystem::path jsonl;
    std::string field = "text"; // of the JSONL objects; only without a template
    std::string promptTemplate; // data.template; with one, the lines of `jsonl` are records, as training reads them
    std::string systemPrompt;   // data.system_prompt; only with a chat template
    std::int64_t limit = 0;     // first N records; 0: all, of a table the first one; only with a template
    bool special = false;       // add what the model's post-processor adds; only without a template
};

std::string jsonLine(const Tokenizer& tokenizer, const Encoding& encoding)
{
    json pieces = json::array();
    json offsets = json::array();
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
        pieces.push_back(tokenizer.piece(encoding.ids[i]));
        offsets.push_back({encoding.offsets[i].begin, encoding.offsets[i].end});
    }
    const nlohmann::ordered_json line = {{"ids", encoding.ids}, {"pieces", pieces}, {"offsets", offsets}};
    return text::terminalJson(line.dump(-1, ' ', false, json::error_handler_t::replace));
}

void reportReplaced(const Encoding& encoding, const std::string& where, Console& console)
{
    if (encoding.replacedBytes > 0) {
        console.err << text::terminal(where) << ": " << encoding.replacedBytes
                    << (encoding.replacedBytes == 1 ? " byte is" : " bytes are")
                    << " not valid UTF-8 and became U+FFFD.\n";
    }
}

void printTable(const Tokenizer& tokenizer, const Encoding& encoding, Console& console)
{
    text::Table table;
    table.columns = {{"id", text::Align::Right}, {"bytes", text::Align::Right}, {"piece"}};
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
        const auto [begin, end] = encoding.offsets[i];
        table.add({std::to_string(encoding.ids[i]), std::to_string(begin) + "-" + std::to_string(end),
                   text::terminalLine(tokenizer.piece(encoding.ids[i]))});
    }
    console.out << text::toTerminal(table, {0, console.utf8, console.colors}) << encoding.ids.size() << " tokens, "
                << tokenizer.kind() << " with " << tokenizer.size() << " tokens\n";
}

ExitCode tokenizeOne(const Tokenizer& tokenizer, std::string_view text, const std::string& where,
                     const TokenizeOptions& options, Console& console)
{
    const Encoding encoding = tokenizer.encode(text, options.special);
    reportReplaced(encoding, where, console);
    if (options.json) {
        console.out << jsonLine(tokenizer, encoding) << '\n';
    } else {
        printTable(tokenizer, encoding, console);
    }
    return ExitCode::Done;
}

// The text of one JSONL line.
Result<std::string> fieldOf(std::string_view line, const std::string& field)
{
    const json object = json::parse(line, nullptr, false);
    if (object.is_discarded()) {
        return Failure{"it is no valid JSON", {}};
    }
    if (!object.is_object()) {
        return Failure{"it is no JSON object", {}};
    }
    const auto value = object.find(field);
    if (value == object.end()) {
        return Failure{"the field \"" + field + "\" is missing", {}};
    }
    if (!value->is_string()) {
        return Failure{"the field \"" + field + "\" is no text", {}};
    }
    return value->get<std::string>();
}

// Another kind of file is named once, not at each of its lines.
void checkJsonl(const std::filesystem::path& path)
{
    orThrow(requireRegular(path), FailureKind::NotFound);
    const auto begin = RegularFile::open(path).value().read(0, kFileKindBytes).value();
    if (begin.empty()) {
        throw Error(path.string() + " is empty.", "Name a file with one JSON object a line.", FailureKind::BadData);
    }
    if (const auto kind = wrongFileKind(path.string(), begin, FileRole::Records)) {
        throw errorOf(*kind, FailureKind::BadData);
    }
}

// A line at a time: the file may be larger than the memory.
ExitCode tokenizeLines(const Tokenizer& tokenizer, std::istream& lines, const TokenizeOptions& options,
                       Console& console)
{
    std::size_t number = 0;
    std::size_t used = 0;
    std::size_t broken = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
            continue;
        }
        const std::string where = options.jsonl.string() + ", line " + std::to_string(number);
        const auto value = fieldOf(line, options.field);
        if (!value) {
            console.err << text::terminal(where + ": " + value.failure().what) << ".\n";
            ++broken;
            continue;
        }
        const Encoding encoding = tokenizer.encode(*value, options.special);
        reportReplaced(encoding, where, console);
        console.out << jsonLine(tokenizer, encoding) << '\n';
        ++used;
    }
    if (lines.bad()) {
        throw Error(systemFailure(options.jsonl, "read on"));
    }
    if (broken > 0) {
        console.err << broken << " of " << broken + used << " lines could not be used.\n";
    }
    return broken > 0 && used == 0 ? ExitCode::BadData : ExitCode::Done;
}

void printSample(const Tokenizer& tokenizer, const dataset::Record& record, const dataset::Sample& sample,
                 const TokenizeOptions& options, Console& console)
{
    if (options.json) {
        json pieces = json::array();
        for (const tokenizer::TokenId id : sample.ids) {
            pieces.push_back(tokenizer.piece(id));
        }
        const nlohmann::ordered_json line = {{"prompt", record.prompt},
                                             {"response", record.responses.front()},
                                             {"prompt_tokens", sample.promptLength},
                                             {"ids", sample.ids},
                                             {"pieces", pieces}};
        console.out << text::terminalJson(line.dump(-1, ' ', false, json::error_handler_t::replace)) << '\n';
        return;
    }
    text::Table table;
    table.columns = {{"id", text::Align::Right}, {"part"}, {"piece"}};
    for (std::size_t i = 0; i < sample.ids.size(); ++i) {
        const bool isPrompt = static_cast<std::int64_t>(i) < sample.promptLength;
        table.add({std::to_string(sample.ids[i]), isPrompt ? "prompt" : "answer",
                   text::terminalLine(tokenizer.piece(sample.ids[i]))});
    }
    console.out << text::terminal(record.prompt) << "\n\n"
                << text::toTerminal(table, {0, console.utf8, console.colors}) << sample.promptLength
                << " tokens of prompt, " << static_cast<std::int64_t>(sample.ids.size()) - sample.promptLength
                << " of answer\n";
}

// Refuses options that contradict each other, or of which one would change nothing.
void checkTogether(const TokenizeOptions& options)
{
    const int sources = (options.text ? 1 : 0) + (options.file.empty() ? 0 : 1) + (options.jsonl.empty() ? 0 : 1);
    if (sources != 1) {
        throw Error("No text to tokenize is given, or several are.", "Give one of --text, --file and --jsonl.",
                    FailureKind::Usage);
    }
    const bool hasTemplate = !options.promptTemplate.empty();
    if (hasTemplate && options.jsonl.empty()) {
        throw Error("A template needs records to write.", "Name a file with --jsonl.", FailureKind::Usage);
    }
    if (options.field != TokenizeOptions{}.field && (hasTemplate || options.jsonl.empty())) {
        throw Error("--field names the text in the objects of --jsonl; " +
                        std::string(hasTemplate ? "with --template they are records, whose fields are known."
                                                : "without that file there are none."),
                    "Leave out --field.", FailureKind::Usage);
    }
    if (hasTemplate && options.special) {
        throw Error("--special would change nothing: a template writes the special tokens of its prompts itself.",
                    "Leave out --special or --template.", FailureKind::Usage);
    }
    if (!hasTemplate && !options.systemPrompt.empty()) {
        throw Error("--system would change nothing: only a chat template has a system message.",
                    "Name one with --template, or leave out --system.", FailureKind::Usage);
    }
    if (!hasTemplate && options.limit > 0) {
        throw Error("--limit would change nothing: it counts the records that a template writes.",
                    "Name one with --template, or leave out --limit.", FailureKind::Usage);
    }
}

// Of an adapter without a tokenizer that of its base model.
std::filesystem::path tokenizerFolderOf(const TokenizeOptions& options)
{
    config::ModelRef model;
    model.model = options.model.string();
    return orThrow(preflight::findTokenizerFolder(model), FailureKind::BadModel);
}

// The records as training reads them, none cut.
ExitCode showPrompts(const TokenizeOptions& options, Console& console)
{
    config::Experiment experiment;
    orThrow(config::setField(experiment, "data.template", options.promptTemplate), FailureKind::Usage);
    config::DataConfig& data = experiment.data;
    if (!options.systemPrompt.empty() && !config::usesChatTemplate(data)) {
        throw Error("The template " + options.promptTemplate + " has no place for a system message.",
                    "Leave out --system, or name a chat template (chat, chatml, llama2, llama3, zephyr).",
                    FailureKind::Usage);
    }
    data.systemPrompt = options.systemPrompt;
    data.maxPromptLength = data.maxLength = std::numeric_limits<std::int32_t>::max();
    const auto tokenizer =
        orThrow(dataset::loadPromptTokenizer(tokenizerFolderOf(options), data), FailureKind::BadModel);
    const std::int64_t limit = options.limit == 0 && !options.json ? 1 : options.limit;
    dataset::RecordFile file = orThrow(dataset::readRecords(options.jsonl, data, limit), FailureKind::BadData);
    orThrow(dataset::keepRenderable(file, *tokenizer), FailureKind::BadData);
    for (const std::string& sentence : file.brokenLines()) {
        console.err << text::terminal(sentence) << '\n';
    }
    for (const std::string& sentence : file.leftOut()) {
        console.err << text::terminal(file.path.string() + ": " + sentence) << '\n';
    }
    dataset::renderPrompts(file, *tokenizer);
    for (const dataset::Record& record : file.records) {
        printSample(*tokenizer, record, dataset::makeSample(record, *tokenizer, data), options, console);
    }
    return ExitCode::Done;
}

// Prints {"ids":[…],"pieces":[…],"offsets":[[begin,end],…]}: one line for each line of a JSONL file; for a text or a
// file only with --json, else a table. Lines that cannot be used are reported on err with file, line and reason and
// have no line in the output; when no line can be used, or the file is empty or of another kind, the code is BadData.
// With a template, each record is shown as its model sees it:
// {"prompt":…,"response":…,"prompt_tokens":…,"ids":…,"pieces":…}, the end of the answer among the ids; without --json
// the prompt as text and a table of the tokens. Options that would change nothing beside the others are refused with
// Usage.
ExitCode runTokenize(const TokenizeOptions& options, Console& console)
{
    checkTogether(options);
    if (!options.promptTemplate.empty()) {
        return showPrompts(options, console);
    }
    const auto tokenizer = orThrow(tokenizer::loadTokenizer(tokenizerFolderOf(options)), FailureKind::BadModel);
    if (options.text) {
        return tokenizeOne(*tokenizer, *options.text, "--text", options, console);
    }
    if (!options.jsonl.empty()) {
        checkJsonl(options.jsonl);
        std::ifstream lines(options.jsonl, std::ios::binary);
        if (!lines) {
            throw Error(systemFailure(options.jsonl, "opened"));
        }
        return tokenizeLines(*tokenizer, lines, options, console);
    }
    const auto text = orThrow(readTextFile(options.file), FailureKind::NotFound);
    return tokenizeOne(*tokenizer, text, options.file.string(), options, console);
}

} // namespace

void addTokenize(CommandLine& line)
{
    line.add<TokenizeOptions>(
        "tokenize", "Show the ids, pieces and byte offsets of texts",
        "dskd tokenize --model models/gpt2 --text 'Hello world'",
        [](CLI::App& command, TokenizeOptions& o) {
            command.add_option("-m,--model", o.model, "Folder with a tokenizer, or an adapter of a model")->required();
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
            command.add_option("--system", o.systemPrompt, "The system message that a chat template writes first");
            command.add_option("--limit", o.limit, "Only the first N records, with --template")
                ->type_name("N")
                ->check(atLeast(0));
            command.add_flag("--special", o.special, "Add the special tokens that the model puts around a text");
        },
        runTokenize);
}

} // namespace dskd::cli
