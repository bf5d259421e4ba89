// `dskd runs`: the runs of the workspace as a table.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/runs_listing.h"
#include "app/cli/commands/words.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "core/metrics/metric_table.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace dskd::cli
{

namespace
{

struct RunsOptions : CommonOptions {
    std::string group;
    std::string query;
    std::vector<std::string> columns; // empty: the usual ones
    std::string sort;
    bool descending = false;
    bool acrossSeeds = false;
    bool csv = false;
    bool trashed = false;
};

nlohmann::json jsonOptional(const std::optional<double>& value)
{
    return value ? jsonNumber(*value) : nlohmann::json();
}

std::optional<double> valueOf(const std::map<std::string, double>& latest, std::string_view name)
{
    const auto found = latest.find(std::string(name));
    return found == latest.end() ? std::nullopt : std::optional(found->second);
}

std::string stepText(const jobs::RunStatus& status)
{
    return status.totalSteps > 0 ? std::to_string(status.step) + "/" + std::to_string(status.totalSteps)
                                 : std::to_string(status.step);
}

nlohmann::json toJson(const jobs::RunColumn& column, const jobs::RunValue& value)
{
    if (const double* number = std::get_if<double>(&value)) {
        return jsonNumber(*number);
    }
    return std::holds_alternative<std::monostate>(value) ? nlohmann::json()
                                                         : nlohmann::json(jobs::exactText(column, value));
}

nlohmann::json toJson(const ListedRun& run, const std::string& state)
{
    const store::RunRow& row = run.row;
    return {{"run", row.id},
            {"name", row.name},
            {"group", row.group},
            {"created", row.created},
            {"job", row.job},
            {"method", row.method.empty() ? row.methodLabel : row.method},
            {"objective", row.objective},
            {"space", row.space},
            {"alignment", row.alignment},
            {"distance", row.distance},
            {"seed", row.seed},
            {"status", state},
            {"sentence", run.status.sentence},
            {"step", run.status.step},
            {"total_steps", run.status.totalSteps},
            {"loss", jsonOptional(valueOf(run.latest, metrics::kLoss))},
            {"validation_loss", jsonOptional(valueOf(run.latest, metrics::kValidationLoss))},
            {"rouge_l", jsonOptional(valueOf(run.latest, metrics::kRougeL))},
            {"tags", row.tags},
            {"note", row.note}};
}

std::string stateOf(const ListedRun& run, bool trashed)
{
    return trashed ? "trashed" : std::string(jobs::name(run.status.status));
}

// What is known of every run; of columns that were asked for these alone.
nlohmann::json toJson(const RunListing& listing, bool trashed)
{
    nlohmann::json rows = nlohmann::json::array();
    for (const std::size_t place : listing.order) {
        if (listing.columns.empty()) {
            const ListedRun& run = listing.runs[place];
            rows.push_back(toJson(run, stateOf(run, trashed)));
            if (trashed) {
                rows.back()["size_bytes"] = jobs::folderSize(run.folder.root);
            }
            continue;
        }
        nlohmann::json& row = rows.emplace_back(nlohmann::json::object());
        for (const jobs::RunColumn& column : listing.columns) {
            row[column.id] = toJson(column, jobs::valueOf(column, listing.rows[place]));
        }
    }
    return rows;
}

nlohmann::json groupsToJson(const RunListing& listing)
{
    nlohmann::json rows = nlohmann::json::array();
    for (const jobs::SeedGroup& group : listing.groups) {
        const jobs::AveragedRuns averaged = jobs::averagedRuns(listing.columns, group, listing.rows);
        nlohmann::json row{{"n", averaged.fewest == averaged.most ? nlohmann::json(averaged.most) : nlohmann::json()},
                           {"done", group.done}};
        for (const std::size_t place : group.runs) {
            row["runs"].push_back(listing.runs[place].row.id);
            row["seeds"].push_back(listing.runs[place].row.seed);
        }
        for (const jobs::RunColumn& column : listing.columns) {
            const jobs::GroupValue value = jobs::valueOf(column, group, listing.rows);
            row["values"][column.id] = value.mean ? nlohmann::json{{"count", value.mean->count},
                                                                   {"mean", jsonNumber(value.mean->mean)},
                                                                   {"deviation", jsonNumber(value.mean->deviation)}}
                                                  : toJson(column, value.shared);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

text::Table usualTable(const RunListing& listing, bool trashed)
{
    text::Table table;
    table.columns = {{"run", text::Align::Left, true, text::Worth::Id},
                     {"name", text::Align::Left, true, text::Worth::Name},
                     {"group", text::Align::Left, true, text::Worth::Detail},
                     {"method", text::Align::Left, true, text::Worth::Detail},
                     {"seed", text::Align::Right},
                     {"status"},
                     {"step", text::Align::Right},
                     {metrics::shortTitleOf(metrics::kLoss), text::Align::Right},
                     {metrics::shortTitleOf(metrics::kValidationLoss), text::Align::Right},
                     {metrics::shownShortTitle(metrics::kRougeL), text::Align::Right}};
    table.mayLeaveOut = true;
    for (const std::size_t place : listing.order) {
        const ListedRun& run = listing.runs[place];
        const std::optional<double> rouge = valueOf(run.latest, metrics::kRougeL);
        table.add({run.row.id, run.row.name, run.row.group, run.row.methodLabel, std::to_string(run.row.seed),
                   stateOf(run, trashed), stepText(run.status), text::number(valueOf(run.latest, metrics::kLoss)),
                   text::number(valueOf(run.latest, metrics::kValidationLoss)),
                   text::number(rouge ? std::optional(*rouge * metrics::shownFactor(metrics::kRougeL)) : rouge)});
    }
    return table;
}

text::Worth worthOf(const jobs::RunColumn& column)
{
    return column.id == "id"                ? text::Worth::Id
           : column.id == jobs::kNameColumn ? text::Worth::Name
                                            : text::Worth::Detail;
}

text::Table chosenTable(const RunListing& listing, bool acrossSeeds, bool asciiOnly)
{
    text::Table table;
    table.mayLeaveOut = true;
    for (const jobs::RunColumn& column : listing.columns) {
        const bool isText = column.kind == jobs::ColumnKind::Text;
        table.columns.push_back(
            {jobs::shownTitle(column), isText ? text::Align::Left : text::Align::Right, isText, worthOf(column)});
    }
    const auto ascii = [&](std::string text) {
        const auto at = text.find("±");
        return asciiOnly && at != std::string::npos ? text.replace(at, std::string("±").size(), "+-") : text;
    };
    if (acrossSeeds) {
        table.columns.push_back({"n", text::Align::Right});
        for (const jobs::SeedGroup& group : listing.groups) {
            std::vector<std::string> cells;
            for (const jobs::RunColumn& column : listing.columns) {
                cells.push_back(
                    ascii(jobs::shownText(column, jobs::valueOf(column, group, listing.rows), group, listing.rows)));
            }
            cells.push_back(toText(jobs::averagedRuns(listing.columns, group, listing.rows)));
            table.add(std::move(cells));
        }
        return table;
    }
    for (const std::size_t place : listing.order) {
        std::vector<std::string> cells;
        for (const jobs::RunColumn& column : listing.columns) {
            cells.push_back(jobs::shownText(column, jobs::valueOf(column, listing.rows[place])));
        }
        table.add(std::move(cells));
    }
    return table;
}

std::string whyEmpty(const RunsOptions& options)
{
    return !options.query.empty()   ? "No run meets the query. \"dskd runs\" shows all.\n"
           : options.trashed        ? "The trash is empty.\n"
           : !options.group.empty() ? "No run belongs to this group. \"dskd runs\" shows all.\n"
                                    : "No runs yet. \"dskd run CONFIG\" starts one.\n";
}

// Of rows of seeds none of which is done.
void printUndone(const RunListing& listing, Console& console)
{
    const auto undone = std::count_if(listing.groups.begin(), listing.groups.end(),
                                      [](const jobs::SeedGroup& group) { return group.done == 0; });
    if (undone > 0) {
        console.out << text::counted(undone, "row has", "rows have")
                    << " no run that is done: the values are those so far.\n";
    }
}

// What deleting the listed runs of the trash for good would free.
void printRoom(const RunListing& listing, Console& console)
{
    std::uint64_t room = 0;
    for (const std::size_t place : listing.order) {
        room += jobs::folderSize(listing.runs[place].folder.root);
    }
    console.out << "They take " << text::bytes(room) << ".\n";
}

ExitCode runRuns(const RunsOptions& options, Console& console)
{
    requireOneForm(options.json, options.csv);
    if (options.descending && options.sort.empty()) {
        throw Error("--descending turns the order of --sort round, and there is no --sort.",
                    "For example: dskd runs --sort rouge_l --descending", FailureKind::Usage);
    }
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const bool tabular = options.csv || options.acrossSeeds || !options.columns.empty();
    const RunListing listing = listRuns(workspace, {.group = options.group,
                                                    .trashed = options.trashed,
                                                    .query = options.query,
                                                    .columns = options.columns,
                                                    .usualColumns = tabular,
                                                    .sort = options.sort,
                                                    .descending = options.descending,
                                                    .acrossSeeds = options.acrossSeeds});
    if (options.json) {
        printJson(console.out, options.acrossSeeds ? groupsToJson(listing) : toJson(listing, options.trashed));
    } else if (options.csv) {
        printCsv(console, options.acrossSeeds
                              ? jobs::toCsv(listing.columns, listing.rows, listing.groups)
                              : jobs::toCsv(listing.columns, listing.rows, listing.order,
                                            options.columns.empty() ? jobs::Identified::Yes : jobs::Identified::No));
    } else if (listing.order.empty()) {
        console.out << whyEmpty(options);
    } else {
        console.out << text::toTerminal(tabular ? chosenTable(listing, options.acrossSeeds, !console.utf8)
                                                : usualTable(listing, options.trashed),
                                        tableStyle(console));
        printUndone(listing, console);
        if (options.trashed && !options.acrossSeeds) {
            printRoom(listing, console);
        }
        for (const std::size_t place : listing.order) {
            if (const auto gone = jobs::folderGone(listing.runs[place].folder)) {
                console.err << text::terminalLine(gone->text()) << '\n';
            }
        }
    }
    return ExitCode::Done;
}

} // namespace

void addRuns(CommandLine& line)
{
    line.add<RunsOptions>(
        "runs", "List the runs of the workspace", "dskd runs --query 'method:dskd seed=10' --columns name,lr,rouge_l",
        [](CLI::App& command, RunsOptions& o) {
            command.add_option("--group", o.group, "Only runs of this group")->type_name("TEXT");
            command
                .add_option("--query", o.query,
                            "Only runs that meet all conditions: words, COLUMN:TEXT, COLUMN=VALUE, COLUMN<NUMBER; ! "
                            "turns one round")
                ->type_name("TEXT");
            command
                .add_option("--columns", o.columns,
                            "These columns: of the run, fields of the configuration, metrics; separated by commas")
                ->type_name("COLUMN,...")
                ->delimiter(',')
                ->allow_extra_args(false);
            command.add_option("--sort", o.sort, "By this column")->type_name("COLUMN");
            command.add_flag("--descending", o.descending, "The largest first");
            command.add_flag("--across-seeds", o.acrossSeeds,
                             "One row for runs that differ in nothing but the seed: mean and deviation");
            command.add_flag("--csv", o.csv, "CSV with full precision");
            command.add_flag("--trash", o.trashed, "Those in the trash");
        },
        runRuns);
}

} // namespace dskd::cli
