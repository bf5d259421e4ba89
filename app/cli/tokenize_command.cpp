#include "app/cli/tokenize_command.h"

#include "core/base/mapped_file.h"
#include "core/text/escape.h"
#include "core/text/table.h"
#include "core/tokenizer/tokenizer.h"

#include <nlohmann/json.hpp>

namespace dskd::cli
{
namespace
{

using nlohmann::json;
using tokenizer::Encoding;
using tokenizer::Tokenizer;

std::string jsonLine(const Tokenizer& tokenizer, const Encoding& encoding)
{
    json pieces = json::array();
    json offsets = json::array();
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
        pieces.push_back(tokenizer.piece(encoding.ids[i]));
        offsets.push_back({encoding.offsets[i].begin, encoding.offsets[i].end});
    }
    const nlohmann::ordered_json line = {{"ids", encoding.ids}, {"pieces", pieces}, {"offsets", offsets}};
    return line.dump(-1, ' ', false, json::error_handler_t::replace);
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

int tokenizeOne(const Tokenizer& tokenizer, std::string_view text, const std::string& where,
                const TokenizeOptions& options, Console& console)
{
    const Encoding encoding = tokenizer.encode(text, options.special);
    reportReplaced(encoding, where, console);
    if (options.json) {
        console.out << jsonLine(tokenizer, encoding) << '\n';
    } else {
        printTable(tokenizer, encoding, console);
    }
    return toInt(ExitCode::Done);
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

int tokenizeLines(const Tokenizer& tokenizer, std::string_view text, const TokenizeOptions& options, Console& console)
{
    std::size_t number = 0;
    std::size_t used = 0;
    std::size_t broken = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
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
    if (broken > 0) {
        console.err << broken << " of " << broken + used << " lines could not be used.\n";
    }
    return toInt(broken > 0 && used == 0 ? ExitCode::BadData : ExitCode::Done);
}

} // namespace

int runTokenize(const TokenizeOptions& options, Console& console)
{
    const int sources = (options.text ? 1 : 0) + (options.file.empty() ? 0 : 1) + (options.jsonl.empty() ? 0 : 1);
    if (sources != 1) {
        return explain(
            console,
            Failure{"Nothing says what to tokenize, or several things do.", "Give one of --text, --file and --jsonl."},
            ExitCode::Usage, options.json);
    }
    const auto tokenizer = tokenizer::loadTokenizer(options.model);
    if (!tokenizer) {
        return explain(console, tokenizer.failure(), ExitCode::BadModel, options.json);
    }
    if (options.text) {
        return tokenizeOne(**tokenizer, *options.text, "--text", options, console);
    }
    const auto& path = options.file.empty() ? options.jsonl : options.file;
    const auto file = MappedFile::open(path);
    if (!file) {
        return explain(console, file.failure(), ExitCode::NotFound, options.json);
    }
    return options.jsonl.empty() ? tokenizeOne(**tokenizer, (*file)->text(), path.string(), options, console)
                                 : tokenizeLines(**tokenizer, (*file)->text(), options, console);
}

} // namespace dskd::cli
