// `dskd models` and `dskd data`: the models and data sets that a workspace lists.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/field_sets.h"
#include "core/pairs/known_inputs.h"
#include "core/preflight/data_samples.h"
#include "core/store/input_table.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

struct ListInputsOptions : CommonOptions {
    std::vector<std::string> places;
};

struct AddModelOptions : CommonOptions {
    std::vector<std::string> folders;
    std::string tokenizer;
    bool teacher = false;
    bool student = false;
};

struct AddDataOptions : CommonOptions {
    std::vector<std::string> files;
};

struct ForgetOptions : CommonOptions {
    std::vector<std::string> inputs;
};

struct DataSamplesOptions : CommonOptions {
    std::string config;
    std::vector<std::string> sets;
    std::string containing; // in any case of its letters
    std::size_t first = 50; // 0: all
};

nlohmann::json toJson(const store::ModelRow& row)
{
    return {{"model", row.id},
            {"name", row.name},
            {"path", row.path},
            {"tokenizer", row.tokenizer},
            {"kind", row.kind},
            {"family", row.family},
            {"parameters", row.parameters},
            {"head_rows", row.headRows},
            {"vocabulary", row.vocabulary},
            {"special_tokens", row.specialTokens},
            {"chat_template", row.chatTemplate},
            {"hash", row.hash},
            {"seen", row.seen},
            {"problem", row.problem},
            {"teacher", row.teacher},
            {"student", row.student}};
}

nlohmann::json toJson(const store::DatasetRow& row)
{
    return {{"data", row.id},         {"name", row.name},      {"path", row.path},   {"kind", row.kind},
            {"records", row.records}, {"broken", row.broken},  {"bytes", row.bytes}, {"hash", row.hash},
            {"seen", row.seen},       {"problem", row.problem}};
}

std::vector<std::filesystem::path> pathsOf(const std::vector<std::string>& texts)
{
    return {texts.begin(), texts.end()};
}

// What is known, as it lies there now; what has changed is reported on err.
void refresh(store::WorkspaceDb& workspace, const std::vector<std::string>& places, Console& console)
{
    for (const std::string& sentence : pairs::refreshInputs(workspace, pathsOf(places))) {
        console.err << text::terminalLine(sentence) << '\n';
    }
}

std::string sides(const store::ModelRow& row)
{
    return row.teacher && row.student ? "either" : row.teacher ? "teacher" : row.student ? "student" : "";
}

ExitCode runListModels(const ListInputsOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    refresh(workspace, options.places, console);
    nlohmann::json rows = nlohmann::json::array();
    text::Table table;
    table.columns = {{"#", text::Align::Right},
                     {"model"},
                     {"side"},
                     {"family"},
                     {"weights", text::Align::Right},
                     {"tokens", text::Align::Right},
                     {"template"},
                     {"seen"},
                     {"folder", text::Align::Left, true}};
    for (const store::ModelRow& row : store::InputTable(workspace).models()) {
        rows.push_back(toJson(row));
        const bool read = !row.hash.empty();
        table.add({std::to_string(row.id), row.name + (row.problem.empty() ? "" : " (!)"), sides(row), row.family,
                   read ? text::count(static_cast<double>(row.parameters)) : "-",
                   read ? std::to_string(row.vocabulary) : "-", row.chatTemplate,
                   row.seen > 0 ? text::localTime(row.seen) : "-", row.path});
    }
    if (options.json) {
        printJson(console.out, rows);
    } else if (table.rows.empty()) {
        console.out
            << "No model is known yet. \"dskd models add FOLDER\" adds one; those of runs come by themselves.\n";
    } else {
        console.out << text::toTerminal(table, tableStyle(console));
    }
    return ExitCode::Done;
}

ExitCode runAddModel(const AddModelOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const pairs::Side side = options.teacher == options.student ? pairs::Side::Either
                             : options.teacher                  ? pairs::Side::Teacher
                                                                : pairs::Side::Student;
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& folder : options.folders) {
        const store::ModelRow row =
            orThrow(pairs::addModel(workspace, folder, options.tokenizer, side), FailureKind::BadModel);
        rows.push_back(toJson(row));
        if (!options.json) {
            console.out << text::terminalLine(row.name) << ": " << row.family << ", "
                        << text::count(static_cast<double>(row.parameters)) << " weights"
                        << (row.kind == pairs::kWithoutWeights ? " (not in the folder)" : "") << ", " << row.vocabulary
                        << " tokens" << (row.chatTemplate.empty() ? "" : ", chat template " + row.chatTemplate) << '\n';
        }
    }
    if (options.json) {
        printJson(console.out, rows);
    }
    return ExitCode::Done;
}

ExitCode runForgetModel(const ForgetOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    store::InputTable table(workspace);
    nlohmann::json forgotten = nlohmann::json::array();
    for (const std::string& text : options.inputs) {
        const store::ModelRow row = table.findModel(text).value();
        table.forgetModel(row.id).value();
        forgotten.push_back(row.path);
        if (!options.json) {
            console.out << text::terminalLine(row.path) << " is forgotten; its files stay.\n";
        }
    }
    if (options.json) {
        printJson(console.out, {{"forgotten", forgotten}});
    }
    return ExitCode::Done;
}

ExitCode runListData(const ListInputsOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    refresh(workspace, options.places, console);
    nlohmann::json rows = nlohmann::json::array();
    text::Table table;
    table.columns = {{"#", text::Align::Right},
                     {"data"},
                     {"form"},
                     {"records", text::Align::Right},
                     {"size", text::Align::Right},
                     {"seen"},
                     {"file", text::Align::Left, true}};
    for (const store::DatasetRow& row : store::InputTable(workspace).datasets()) {
        rows.push_back(toJson(row));
        const bool read = !row.hash.empty();
        table.add({std::to_string(row.id), row.name + (row.problem.empty() ? "" : " (!)"), row.kind,
                   read ? std::to_string(row.records) : "-",
                   read ? text::bytes(static_cast<std::uint64_t>(row.bytes)) : "-",
                   row.seen > 0 ? text::localTime(row.seen) : "-", row.path});
    }
    if (options.json) {
        printJson(console.out, rows);
    } else if (table.rows.empty()) {
        console.out << "No data set is known yet. \"dskd data add FILE\" adds one; those of runs come by themselves.\n";
    } else {
        console.out << text::toTerminal(table, tableStyle(console));
    }
    return ExitCode::Done;
}

ExitCode runAddData(const AddDataOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& file : options.files) {
        const store::DatasetRow row = orThrow(pairs::addDataset(workspace, file), FailureKind::BadData);
        rows.push_back(toJson(row));
        if (!options.json) {
            console.out << text::terminalLine(row.name) << ": " << row.records << " records (" << row.kind << ")"
                        << (row.broken > 0 ? ", " + std::to_string(row.broken) + " lines cannot be used" : "") << '\n';
        }
    }
    if (options.json) {
        printJson(console.out, rows);
    }
    return ExitCode::Done;
}

ExitCode runForgetData(const ForgetOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    store::InputTable table(workspace);
    nlohmann::json forgotten = nlohmann::json::array();
    for (const std::string& text : options.inputs) {
        const store::DatasetRow row = table.findDataset(text).value();
        table.forgetDataset(row.id).value();
        forgotten.push_back(row.path);
        if (!options.json) {
            console.out << text::terminalLine(row.path) << " is forgotten; the file stays.\n";
        }
    }
    if (options.json) {
        printJson(console.out, {{"forgotten", forgotten}});
    }
    return ExitCode::Done;
}

// Letters from A to Z in lower case.
std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

ExitCode runListSamples(const DataSamplesOptions& options, Console& console)
{
    const config::Experiment experiment = readExperiment(options.config, options.sets);
    const preflight::DataSamples all = orThrow(preflight::probeCandidates(experiment.data), FailureKind::BadData);
    const std::string wanted = lowered(options.containing);
    nlohmann::json rows = nlohmann::json::array();
    text::Table table;
    table.columns = {{"line", text::Align::Right},
                     {"question", text::Align::Left, true, text::Worth::Detail},
                     {"answer", text::Align::Left, true, text::Worth::Detail}};
    std::size_t matching = 0;
    for (const preflight::DataSample& sample : all.samples) {
        const bool matches = lowered(sample.question).find(wanted) != std::string::npos ||
                             lowered(sample.answer).find(wanted) != std::string::npos;
        matching += matches ? 1 : 0;
        if (!matches || (options.first > 0 && matching > options.first)) {
            continue;
        }
        rows.push_back({{"line", sample.line}, {"question", sample.question}, {"answer", sample.answer}});
        table.add(
            {std::to_string(sample.line), text::terminalLine(sample.question), text::terminalLine(sample.answer)});
    }
    if (options.json) {
        printJson(console.out, {{"file", all.file.string()},
                                {"samples", rows},
                                {"matching", matching},
                                {"of", all.samples.size()},
                                {"left_out", all.leftOut}});
        return ExitCode::Done;
    }
    for (const std::string& sentence : all.leftOut) {
        console.err << text::terminalLine(all.file.string() + ": " + sentence) << '\n';
    }
    if (!table.rows.empty()) {
        console.out << text::toTerminal(table, tableStyle(console));
    }
    console.out << table.rows.size() << " of " << text::counted(static_cast<std::int64_t>(matching), "sample")
                << (wanted.empty() ? "" : " with this text") << " in " << text::terminalLine(all.file.string())
                << ". --set log.probe_lines=3,17 has the samples of these lines recorded.\n";
    return ExitCode::Done;
}

void setUpList(CLI::App& command, ListInputsOptions& o)
{
    command.add_option("--look", o.places, "Look for what was moved below this folder too; may be repeated")
        ->type_name("FOLDER")
        ->allow_extra_args(false);
}

} // namespace

void addModelsAndData(CommandLine& line)
{
    CLI::App* models = line.addFamily("models", "The models that the workspace lists, those of its runs among them",
                                      "dskd models list");
    line.addTo<ListInputsOptions>(models, "list", "Show the models; what was moved is found by its content",
                                  "dskd models list --look ~/models", setUpList, runListModels);
    line.addTo<AddModelOptions>(
        models, "add", "Add model folders; they need no weights", "dskd models add models/qwen --teacher",
        [](CLI::App& command, AddModelOptions& o) {
            command.add_option("folder", o.folders, "Folders with config.json and a tokenizer")
                ->type_name("FOLDER")
                ->required();
            command.add_option("--tokenizer", o.tokenizer, "Folder of another tokenizer than its own")
                ->type_name("FOLDER");
            command.add_flag("--teacher", o.teacher, "Only as a teacher");
            command.add_flag("--student", o.student, "Only as a student");
        },
        runAddModel);
    line.addTo<ForgetOptions>(
        models, "forget", "List models no more; their folders stay", "dskd models forget qwen",
        [](CLI::App& command, ForgetOptions& o) {
            command.add_option("model", o.inputs, "Names, folders, or # and a number")->type_name("MODEL")->required();
        },
        runForgetModel);

    CLI::App* data = line.addFamily("data", "The data sets that the workspace lists, those of its runs among them",
                                    "dskd data list");
    line.addTo<ListInputsOptions>(data, "list", "Show the data sets; what was moved is found by its content",
                                  "dskd data list --look ~/data", setUpList, runListData);
    line.addTo<AddDataOptions>(
        data, "add", "Add data files", "dskd data add data/train.jsonl",
        [](CLI::App& command, AddDataOptions& o) {
            command.add_option("file", o.files, "JSONL files")->type_name("FILE")->required();
        },
        runAddData);
    line.addTo<DataSamplesOptions>(
        data, "samples", "Show the samples that runs of a configuration may record, by their lines",
        "dskd data samples dual.json --containing Paris",
        [](CLI::App& command, DataSamplesOptions& o) {
            command.add_option("config", o.config, "Configuration whose data it is")->required()->type_name("CONFIG");
            setOption(command, o.sets, "data.validation=other.jsonl");
            command.add_option("--containing", o.containing, "Only samples with this text")->type_name("TEXT");
            command.add_option("--first", o.first, "So many at most; 0: all")->type_name("N")->capture_default_str();
        },
        runListSamples);
    line.addTo<ForgetOptions>(
        data, "forget", "List data sets no more; their files stay", "dskd data forget train.jsonl",
        [](CLI::App& command, ForgetOptions& o) {
            command.add_option("data", o.inputs, "Names, files, or # and a number")->type_name("DATA")->required();
        },
        runForgetData);
}

} // namespace dskd::cli
