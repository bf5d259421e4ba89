// `dskd runs`: the runs of the workspace as a table.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "core/base/parallel.h"
#include "core/jobs/status.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_reader.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <map>
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
    bool trashed = false;
};

nlohmann::json jsonOptional(const std::optional<double>& value)
{
    return value ? jsonNumber(*value) : nlohmann::json();
}

RunLayout folderOf(const WorkspaceLayout& workspace, const std::string& id, bool trashed)
{
    return trashed ? RunLayout{workspace.trash() / id} : workspace.run(id);
}

// What is read in a run's folder.
struct Listed {
    jobs::RunStatus status;
    std::map<std::string, store::MetricPoint> latest;
};

Listed read(const RunLayout& run, const store::QueueRow* queued)
{
    Listed listed;
    auto reader = store::RunReader::open(run);
    listed.status = jobs::withQueue(reader ? jobs::readStatus(run, *reader) : jobs::readStatus(run), queued);
    try {
        if (reader) {
            listed.latest = reader->latest();
        }
    } catch (const Error&) {
        listed.latest.clear(); // the status of a run that cannot be read has the reason
    }
    return listed;
}

// In the order of `rows`, several at a time.
std::vector<Listed> readAll(store::WorkspaceDb& workspace, const std::vector<store::RunRow>& rows, bool trashed)
{
    std::map<std::string, store::QueueRow> queue;
    for (store::QueueRow& row : workspace.queue()) {
        queue[row.runId] = std::move(row);
    }
    std::vector<Listed> all(rows.size());
    inParallel(rows.size(), [&](const Block& block) {
        for (std::size_t i = block.begin; i < block.end; ++i) {
            const std::string& id = rows[i].id;
            const auto queued = queue.find(id);
            all[i] = read(folderOf(workspace.layout(), id, trashed), queued == queue.end() ? nullptr : &queued->second);
        }
    });
    return all;
}

std::optional<double> valueOf(const std::map<std::string, store::MetricPoint>& latest, std::string_view name)
{
    const auto found = latest.find(std::string(name));
    return found == latest.end() ? std::nullopt : std::optional(found->second.value);
}

std::string stepText(const jobs::RunStatus& status)
{
    return status.totalSteps > 0 ? std::to_string(status.step) + "/" + std::to_string(status.totalSteps)
                                 : std::to_string(status.step);
}

ExitCode runRuns(const RunsOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    text::Table table;
    table.columns = {{"run"},
                     {"name", text::Align::Left, true},
                     {"group", text::Align::Left, true},
                     {"method"},
                     {"seed", text::Align::Right},
                     {"status"},
                     {"step", text::Align::Right},
                     {metrics::shortTitleOf(metrics::kLoss), text::Align::Right},
                     {metrics::shortTitleOf(metrics::kValidationLoss), text::Align::Right},
                     {metrics::shortTitleOf(metrics::kRougeL), text::Align::Right}};
    nlohmann::json rows = nlohmann::json::array();
    std::vector<store::RunRow> runs = workspace.runs(options.trashed);
    std::erase_if(runs, [&](const auto& run) { return !options.group.empty() && run.group != options.group; });
    const std::vector<Listed> all = readAll(workspace, runs, options.trashed);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const store::RunRow& run = runs[i];
        const auto& [status, latest] = all[i];
        const auto loss = valueOf(latest, metrics::kLoss);
        const auto validation = valueOf(latest, metrics::kValidationLoss);
        const auto rouge = valueOf(latest, metrics::kRougeL);
        const std::string state = options.trashed ? "trashed" : std::string(jobs::name(status.status));
        rows.push_back({{"run", run.id},
                        {"name", run.name},
                        {"group", run.group},
                        {"created", run.created},
                        {"job", run.job},
                        {"method", run.method.empty() ? run.methodLabel : run.method},
                        {"objective", run.objective},
                        {"space", run.space},
                        {"alignment", run.alignment},
                        {"distance", run.distance},
                        {"seed", run.seed},
                        {"status", state},
                        {"sentence", status.sentence},
                        {"step", status.step},
                        {"total_steps", status.totalSteps},
                        {"loss", jsonOptional(loss)},
                        {"validation_loss", jsonOptional(validation)},
                        {"rouge_l", jsonOptional(rouge)},
                        {"tags", run.tags},
                        {"note", run.note}});
        table.add({run.id, run.name, run.group, run.methodLabel, std::to_string(run.seed), state, stepText(status),
                   text::number(loss), text::number(validation), text::number(rouge)});
    }
    if (options.json) {
        printJson(console.out, rows);
    } else if (table.rows.empty()) {
        console.out << (options.trashed          ? "The trash is empty.\n"
                        : !options.group.empty() ? "No run belongs to this group. \"dskd runs\" shows all.\n"
                                                 : "No runs yet. \"dskd run CONFIG\" starts one.\n");
    } else {
        console.out << text::toTerminal(table, tableStyle(console));
        for (const store::RunRow& run : runs) {
            if (const auto gone = jobs::folderGone(folderOf(workspace.layout(), run.id, options.trashed))) {
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
        "runs", "List the runs of the workspace", "dskd runs --group demo",
        [](CLI::App& command, RunsOptions& o) {
            command.add_option("--group", o.group, "Only runs of this group")->type_name("TEXT");
            command.add_flag("--trash", o.trashed, "Those in the trash");
        },
        runRuns);
}

} // namespace dskd::cli
