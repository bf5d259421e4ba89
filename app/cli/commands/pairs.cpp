// `dskd pairs`: what teachers and students have in common before any training.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/number_range.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"
#include "core/pairs/known_inputs.h"
#include "core/pairs/pair_analysis.h"
#include "core/pairs/pair_table.h"
#include "core/store/input_table.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::cli
{

namespace
{

struct PairsOptions : CommonOptions {
    std::string data;
    std::vector<std::string> teachers;
    std::vector<std::string> students;
    std::int64_t samples = pairs::PairOptions{}.samples;
    std::string promptTemplate;
    bool csv = false;
    bool latex = false;
};

nlohmann::json toJson(const pairs::PairCell& cell)
{
    nlohmann::json object = {{"teacher", cell.teacher.name},
                             {"teacher_path", cell.teacher.path},
                             {"student", cell.student.name},
                             {"student_path", cell.student.path},
                             {"kept", cell.kept}};
    if (cell.analysis) {
        object["analysis"] = nlohmann::json::parse(pairs::toText(*cell.analysis));
        object["analysis"]["overlap_share"] = cell.analysis->overlapShare();
    } else {
        object["problem"] = cell.problem;
    }
    return object;
}

// A folder that is not known yet becomes known.
store::ModelRow modelNamed(store::WorkspaceDb& workspace, const std::string& text, pairs::Side side)
{
    store::InputTable table(workspace);
    auto known = table.findModel(text);
    std::error_code error;
    if (!known && std::filesystem::is_directory(text, error)) {
        return orThrow(pairs::addModel(workspace, text, {}, side), FailureKind::BadModel);
    }
    return std::move(known).value();
}

std::vector<store::ModelRow> modelsNamed(store::WorkspaceDb& workspace, const std::vector<std::string>& words,
                                         pairs::Side side)
{
    std::vector<store::ModelRow> models;
    models.reserve(words.size());
    for (const std::string& word : words) {
        models.push_back(modelNamed(workspace, word, side));
    }
    if (words.empty()) {
        for (store::ModelRow& row : store::InputTable(workspace).models()) {
            if (side == pairs::Side::Teacher ? row.teacher : row.student) {
                models.push_back(std::move(row));
            }
        }
    }
    if (models.empty()) {
        const std::string which = side == pairs::Side::Teacher ? "teacher" : "student";
        throw Error("The workspace lists no " + which + ".",
                    "Name its folder with --" + which + "s, or add it: dskd models add FOLDER --" + which + ".",
                    FailureKind::NotFound);
    }
    return models;
}

store::DatasetRow dataNamed(store::WorkspaceDb& workspace, const std::string& text)
{
    auto known = pairs::chooseDataset(workspace, text);
    std::error_code error;
    if (!known && std::filesystem::is_regular_file(text, error)) {
        return orThrow(pairs::addDataset(workspace, text), FailureKind::BadData);
    }
    return std::move(known).value();
}

void print(const std::vector<pairs::PairCell>& cells, const store::DatasetRow& data, Console& console)
{
    console.out << "On " << text::terminalLine(data.path) << ":\n\n"
                << text::toTerminal(pairs::toTextTable(cells), tableStyle(console));
    for (const pairs::PairCell& cell : cells) {
        if (!cell.problem.empty()) {
            console.err << text::terminalLine(cell.teacher.name + " / " + cell.student.name + ": " + cell.problem)
                        << '\n';
        }
    }
    for (const pairs::PairCell& cell : cells) {
        const std::string spaces = cells.size() == 1 && cell.analysis ? pairs::spacesSentence(*cell.analysis) : "";
        console.out << (spaces.empty() ? "" : "\n" + spaces + "\n");
        if (cells.size() == 1 && cell.analysis && !cell.analysis->worst.empty()) {
            console.out << "\nThe least covered samples:\n";
            for (const pairs::SampleCoverage& sample : cell.analysis->worst) {
                console.out << text::percent(sample.share()) << "  line " << sample.line << "  "
                            << text::terminalLine(sample.answer) << '\n';
            }
        }
    }
}

ExitCode runPairs(const PairsOptions& options, Console& console)
{
    requireOneForm(options.json, options.csv, options.latex);
    config::Experiment experiment;
    if (!options.promptTemplate.empty()) {
        orThrow(config::setField(experiment, "data.template", options.promptTemplate), FailureKind::Usage);
    }
    store::WorkspaceDb workspace = openWorkspace(options, console);
    for (const std::string& sentence : pairs::refreshInputs(workspace)) {
        console.err << text::terminalLine(sentence) << '\n';
    }
    const auto teachers = modelsNamed(workspace, options.teachers, pairs::Side::Teacher);
    const auto students = modelsNamed(workspace, options.students, pairs::Side::Student);
    const store::DatasetRow data = dataNamed(workspace, options.data);
    std::size_t known = 0;
    const std::size_t all = teachers.size() * students.size();
    bool shown = false;
    auto analysed =
        pairs::analysePairs(workspace, teachers, students, data, {options.samples, experiment.data.promptTemplate},
                            [&](const pairs::PairCell& cell) {
                                ++known;
                                if (!cell.kept && console.live) {
                                    console.err << "\r" << known << " of " << all << " pairs" << std::flush;
                                    shown = true;
                                }
                            });
    if (shown) { // here: the last pair may come from the cache, and show nothing
        console.err << '\n';
    }
    const auto cells = orThrow(std::move(analysed), FailureKind::BadData);
    if (options.json) {
        nlohmann::json rows = nlohmann::json::array();
        for (const pairs::PairCell& cell : cells) {
            rows.push_back(toJson(cell));
        }
        printJson(console.out, {{"data", data.path},
                                {"samples", options.samples},
                                {"template", config::name(experiment.data.promptTemplate)},
                                {"pairs", rows}});
    } else if (options.csv) {
        printCsv(console, pairs::toCsv(cells));
    } else if (options.latex) {
        console.out << text::toLatex(pairs::toTextTable(cells));
    } else {
        print(cells, data, console);
    }
    return ExitCode::Done;
}

} // namespace

void addPairs(CommandLine& line)
{
    line.add<PairsOptions>(
        "pairs", "Compare teachers with students: vocabulary overlap and ETA coverage, without weights",
        "dskd pairs --data data/train.jsonl --teachers qwen,mistral --students gpt2 --latex > pairs.tex",
        [](CLI::App& command, PairsOptions& o) {
            command.add_option("--data", o.data, "Data whose answers are aligned; default: the largest that is known")
                ->type_name("FILE");
            command.add_option("--teachers", o.teachers, "Names or folders; default: every teacher that is known")
                ->type_name("MODEL")
                ->delimiter(',')
                ->allow_extra_args(false);
            command.add_option("--students", o.students, "Names or folders; default: every student that is known")
                ->type_name("MODEL")
                ->delimiter(',')
                ->allow_extra_args(false);
            command.add_option("--samples", o.samples, "Only the first N records; 0: all")
                ->type_name("N")
                ->check(atLeast(0));
            command
                .add_option("--template", o.promptTemplate,
                            "data.template: a chat template decides what ends an answer")
                ->type_name("NAME");
            command.add_flag("--csv", o.csv, "Comma-separated values in full precision, with the histogram");
            command.add_flag("--latex", o.latex, "A LaTeX table (booktabs)");
        },
        runPairs);
}

} // namespace dskd::cli
