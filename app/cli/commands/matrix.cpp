// `dskd matrix`: an ablation as rows and columns, for the terminal, a paper and a spreadsheet.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/experiment_shared.h"
#include "app/cli/commands/words.h"
#include "app/cli/terminal/comparison.h"
#include "core/base/atomic_file.h"
#include "core/jobs/matrix_table.h"
#include "core/text/escape.h"
#include "core/text/table.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace dskd::cli
{

namespace
{

struct MatrixOptions : CommonOptions {
    std::vector<std::string> runs;
    std::string experiment;
    std::vector<std::string> rows; // fields; empty: chosen by the core, columns likewise
    std::vector<std::string> columns;
    std::string metric;
    std::string spread = std::string(jobs::kSpreads[0].name);
    std::string within = std::string(jobs::kWithins[0].name);
    std::string test = std::string(jobs::kPairings[0].name);
    std::string revisions = std::string(jobs::kRevisions[0].name);
    std::vector<std::string> baseline; // FIELD=VALUE
    bool latex = false;
    bool csv = false;
    std::string to;
    bool force = false;
};

// The row that `word`, which CLI11 has checked, names.
template <typename Row, std::size_t count>
const Row& named(const Row (&table)[count], const std::string& word)
{
    return *std::find_if(std::begin(table), std::end(table), [&](const Row& row) { return word == row.name; });
}

jobs::MatrixRequest requestOf(const MatrixOptions& options)
{
    jobs::MatrixRequest request;
    request.rows = options.rows;
    request.columns = options.columns;
    request.metric = options.metric;
    request.within = named(jobs::kWithins, options.within).within;
    request.pairing = named(jobs::kPairings, options.test).pairing;
    request.revisions = named(jobs::kRevisions, options.revisions).revisions;
    for (const std::string& text : options.baseline) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw Error("--baseline \"" + text + "\" is not of the form FIELD=VALUE.",
                        "For example: --baseline method=sft", FailureKind::Usage);
        }
        if (!request.baseline.emplace(text.substr(0, equals), text.substr(equals + 1)).second) {
            throw Error("--baseline names " + text.substr(0, equals) + " twice.", "Give one value of it.",
                        FailureKind::Usage);
        }
    }
    return request;
}

// What the cell in this place has of the fields down and across.
nlohmann::json placeJson(const jobs::Matrix& matrix, std::size_t cell)
{
    return {{"row", matrix.rows[cell / matrix.columns.size()]},
            {"column", matrix.columns[cell % matrix.columns.size()]}};
}

nlohmann::json cellJson(const jobs::MatrixCell& cell)
{
    nlohmann::json json = {{"state", jobs::name(cell.state)}, {"done", cell.seeds.done}, {"mixed", cell.mixed}};
    for (const jobs::CellState state : {jobs::CellState::Running, jobs::CellState::Queued, jobs::CellState::Created,
                                        jobs::CellState::Stopped, jobs::CellState::Failed}) {
        json[std::string(jobs::name(state))] = 0;
    }
    for (const jobs::StateCount& each : jobs::unfinished(cell.seeds)) {
        json[std::string(jobs::name(each.state))] = each.count;
    }
    if (cell.value) {
        json["mean"] = jsonNumber(cell.value->mean);
        json["n"] = cell.value->count;
        for (const jobs::SpreadRow& spread : jobs::kSpreads) {
            if (const auto value = jobs::spreadOf(*cell.value, spread.spread)) {
                json[std::string(spread.name)] = jsonNumber(*value);
            }
        }
    }
    if (cell.delta) {
        json["delta"] = jsonNumber(*cell.delta);
    }
    if (cell.rank.mark != jobs::Mark::None) {
        json["mark"] = jobs::name(cell.rank.mark);
    }
    if (cell.rank.test) {
        json["test"] = testJson(*cell.rank.test);
    }
    nlohmann::json runs = nlohmann::json::array();
    for (const jobs::MatrixRun& run : cell.runs) {
        runs.push_back({{"run", run.runId},
                        {"name", run.name},
                        {"seed", run.seed},
                        {"status", jobs::name(run.status)},
                        {"value", run.value ? jsonNumber(*run.value) : nlohmann::json()},
                        {"counted", run.counted}});
        if (run.formerRevision) {
            runs.back()["former_revision"] = *run.formerRevision;
        }
    }
    json["runs"] = runs;
    nlohmann::json missing = nlohmann::json::array();
    for (const jobs::MissingRun& run : cell.missing) {
        missing.push_back({{"experiment", run.experiment}, {"name", run.run.name}, {"seed", run.run.seed}});
    }
    json["missing"] = missing;
    return json;
}

nlohmann::json toJson(const jobs::Matrix& matrix, const jobs::MatrixText& texts)
{
    nlohmann::json cells = nlohmann::json::array();
    for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
        nlohmann::json cell = cellJson(matrix.cells[i]);
        cell.update(placeJson(matrix, i));
        if (matrix.cells[i].sameAs) {
            cell["same_as"] = placeJson(matrix, *matrix.cells[i].sameAs);
        }
        cells.push_back(std::move(cell));
    }
    nlohmann::json unreadPlans = nlohmann::json::array();
    for (const Failure& plan : matrix.unreadPlans) {
        unreadPlans.push_back({{"what", plan.what}, {"hint", plan.hint}});
    }
    return {{"rows", matrix.rowFields},
            {"columns", matrix.columnFields},
            {"metric", matrix.metric},
            {"baseline", matrix.baseline},
            {"cells", cells},
            {"notes", texts.notes()},
            {"metrics", matrix.metrics},
            {"differing_fields", matrix.differingFields},
            {"differing_facts", matrix.differingFacts},
            {"left_out", leftOutJson(matrix.leftOut)},
            {"former_runs", matrix.formerRuns},
            {"unread_plans", unreadPlans}};
}

void printMatrix(const jobs::MatrixText& texts, Console& console)
{
    console.out << text::toTerminal(texts.table(), tableStyle(console)) << '\n';
    for (const std::string& note : texts.notes()) {
        console.out << console.paint(text::terminalLine(note), Tone::Muted) << '\n';
    }
}

// The file's content, by its ending.
std::string fileText(const std::filesystem::path& file, const jobs::Matrix& matrix, jobs::Spread spread,
                     const jobs::MatrixText& texts)
{
    const std::string ending = file.extension().string();
    if (ending == ".tex") {
        return jobs::toLatex(matrix, spread);
    }
    if (ending == ".csv") {
        return jobs::toCsv(matrix, spread);
    }
    if (ending == ".json") {
        return toJson(matrix, texts).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    }
    throw Error("A matrix is written to a file that ends in .tex, .csv or .json, not to " + file.string() + ".",
                "For example: --to table.tex", FailureKind::Usage);
}

ExitCode runMatrix(const MatrixOptions& options, Console& console)
{
    if (options.runs.empty() && options.experiment.empty()) {
        throw Error(
            "Of which runs is the matrix to be?",
            "Name runs or a group, or an experiment with --experiment NAME. \"dskd experiment list\" shows those "
            "there are.",
            FailureKind::Usage);
    }
    requireOneForm(options.json && options.to.empty(), options.csv, options.latex);
    if (!options.to.empty() && (options.csv || options.latex)) {
        throw Error("--to writes the form that the file's ending names, so " +
                        std::string(options.csv ? "--csv" : "--latex") + " has no effect.",
                    "Leave it out: --to table.tex or --to table.csv.", FailureKind::Usage);
    }
    Experiments experiments(options, console);
    std::vector<std::string> runs = findRuns(experiments.workspace, options.runs);
    std::vector<std::int64_t> planned;
    if (!options.experiment.empty()) {
        planned.push_back(experiments.find(options.experiment).id);
        for (const std::string& run : experiments.table.runs(planned.front())) {
            if (std::find(runs.begin(), runs.end(), run) == runs.end()) {
                runs.push_back(run);
            }
        }
    }
    const jobs::Matrix matrix = jobs::readMatrix(experiments.workspace, runs, planned, requestOf(options)).value();
    printLeftOut(matrix.leftOut, console);
    for (const Failure& plan : matrix.unreadPlans) {
        console.err << text::terminalLine(plan.text()) << '\n';
    }
    const jobs::Spread spread = named(jobs::kSpreads, options.spread).spread;
    const jobs::MatrixText texts(matrix, spread, console.utf8 ? jobs::MatrixStyle::Terminal : jobs::MatrixStyle::Ascii);
    if (!options.to.empty()) {
        std::error_code error;
        if (!options.force && std::filesystem::exists(options.to, error)) {
            throw Error(options.to + " is there already.", "Name another file, or overwrite it with --force.",
                        FailureKind::Usage);
        }
        writeFileAtomically(options.to, fileText(options.to, matrix, spread, texts)).value();
        if (options.json) {
            printJson(console.out, {{"file", options.to}});
        } else {
            console.out << "Written to " << text::terminalLine(options.to) << ".\n";
        }
    } else if (options.json) {
        printJson(console.out, toJson(matrix, texts));
    } else if (options.latex) {
        console.out << jobs::toLatex(matrix, spread);
    } else if (options.csv) {
        printCsv(console, jobs::toCsv(matrix, spread));
    } else {
        printMatrix(texts, console);
    }
    return ExitCode::Done;
}

template <typename Row, std::size_t count>
CLI::IsMember namesOf(const Row (&table)[count])
{
    std::vector<std::string> names;
    for (const Row& row : table) {
        names.emplace_back(row.name);
    }
    return CLI::IsMember(names);
}

} // namespace

void addMatrix(CommandLine& line)
{
    line.add<MatrixOptions>(
        "matrix", "Show an ablation as rows and columns: means over seeds, what is best by a test, what is missing",
        "dskd matrix --experiment ablation --rows distance --columns space --baseline space=diff --to table.tex",
        [](CLI::App& command, MatrixOptions& o) {
            runsArgument(command, o.runs);
            command.add_option("--experiment", o.experiment, "All runs of this experiment, and those that it misses")
                ->type_name("EXPERIMENT");
            const auto fields = [&](const char* option, std::vector<std::string>& to, const char* help) {
                command.add_option(option, to, help)->type_name("FIELDS")->delimiter(',')->allow_extra_args(false);
            };
            fields("--rows", o.rows,
                   "The fields that go down, between commas; \"method\" for methods by name (default: what the "
                   "experiment varies, else "
                   "what differs)");
            fields("--columns", o.columns, "The fields that go across");
            command
                .add_option("--metric", o.metric,
                            "The metric, by its id or title (default: the first that all tables "
                            "show)")
                ->type_name("METRIC");
            command
                .add_option("--spread", o.spread, "Behind the mean: standard deviation, standard error, 95 % interval")
                ->check(namesOf(jobs::kSpreads));
            command.add_option("--best", o.within, "What is ranked together: a column, a group of columns, the table")
                ->check(namesOf(jobs::kWithins));
            command
                .add_option("--test", o.test, "What the tests pair: seeds (t-test) or ROUGE-L of samples (bootstrap)")
                ->check(namesOf(jobs::kPairings));
            command
                .add_option("--revisions", o.revisions,
                            "Of one experiment: the runs that its newest revision plans, or all")
                ->check(namesOf(jobs::kRevisions));
            command
                .add_option("--baseline", o.baseline,
                            "Show differences to the cells that have this value; may be repeated")
                ->type_name("FIELD=VALUE")
                ->allow_extra_args(false);
            command.add_flag("--latex", o.latex, "A LaTeX table (booktabs)");
            command.add_flag("--csv", o.csv, "A line a cell, with run ids and seeds; full precision");
            command.add_option("--to", o.to, "Write it to a file that ends in .tex, .csv or .json")->type_name("FILE");
            command.add_flag("--force", o.force, "Overwrite a file that is there");
        },
        runMatrix);
}

} // namespace dskd::cli
