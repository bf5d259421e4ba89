#include "app/cli/commands/show.h"

#include "app/cli/terminal/follow.h"
#include "core/base/checkpoint_folders.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_reader.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"
#include "core/text/table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

// JSON has no NaN; the text says which.
nlohmann::json jsonNumber(double value)
{
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(text::number(value));
}

nlohmann::json jsonOptional(const std::optional<double>& value)
{
    return value ? jsonNumber(*value) : nlohmann::json();
}

std::map<std::string, store::MetricPoint> latestOf(const RunLayout& run)
{
    auto reader = store::RunReader::open(run);
    return reader ? reader->latest() : std::map<std::string, store::MetricPoint>{};
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

text::TerminalStyle styleOf(const Console& console)
{
    return {console.width, console.utf8, console.colors};
}

} // namespace

int runRuns(const RunsOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
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
    for (const store::RunRow& run : workspace->runs(options.trashed)) {
        if (!options.group.empty() && run.group != options.group) {
            continue;
        }
        const auto status = options.trashed ? jobs::RunStatus{} : jobs::readStatus(*workspace, run.id);
        const RunLayout folder =
            options.trashed ? RunLayout{workspace->layout().trash() / run.id} : workspace->layout().run(run.id);
        const auto latest = latestOf(folder);
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
        console.out << text::toTerminal(table, styleOf(console));
    }
    return toInt(ExitCode::Done);
}

int runShow(const ShowOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    const auto id = workspace->findRun(options.run);
    if (!id) {
        return explain(console, id.failure(), ExitCode::NotFound, options.json);
    }
    const RunLayout run = workspace->layout().run(*id);
    const auto config = jobs::runConfig(run);
    if (!config) {
        return explain(console, config.failure(), ExitCode::Failed, options.json);
    }
    const nlohmann::json configJson = config::toJson(*config);
    if (options.config) {
        printJson(console.out, configJson);
        return toInt(ExitCode::Done);
    }
    const auto row = workspace->run(*id);
    const auto status = jobs::readStatus(*workspace, *id);
    const auto checkpoints = finishedCheckpoints(run);
    const auto latest = latestOf(run);
    auto reader = store::RunReader::open(run);
    const auto events = reader ? reader->eventsAfter() : std::vector<store::EventRow>{};
    const auto info = reader ? reader->info() : std::map<std::string, std::string>{};
    if (options.json) {
        nlohmann::json metrics = nlohmann::json::object();
        for (const auto& [name, point] : latest) {
            metrics[name] = {{"step", point.step}, {"value", jsonNumber(point.value)}};
        }
        nlohmann::json eventRows = nlohmann::json::array();
        for (const store::EventRow& event : events) {
            eventRows.push_back({{"time", event.time},
                                 {"step", event.step},
                                 {"kind", event.kind},
                                 {"message", event.message},
                                 {"hint", event.hint}});
        }
        nlohmann::json document = {{"run", *id},
                                   {"name", row ? row->name : ""},
                                   {"group", row ? row->group : ""},
                                   {"folder", run.root.string()},
                                   {"status", jobs::name(status.status)},
                                   {"sentence", status.sentence},
                                   {"step", status.step},
                                   {"total_steps", status.totalSteps},
                                   {"resumable", status.resumable},
                                   {"checkpoints", checkpoints},
                                   {"metrics", metrics},
                                   {"events", eventRows},
                                   {"info", info},
                                   {"config", configJson}};
        if (status.failure) {
            document["failure"] = {
                {"what", status.failure->what}, {"hint", status.failure->hint}, {"details", status.failure->details}};
        }
        printJson(console.out, document);
        return toInt(ExitCode::Done);
    }
    std::ostream& out = console.out;
    out << console.paint(text::terminalLine(row ? labelOf(*row) : *id), Tone::Strong) << "\n"
        << *id << (row && !row->group.empty() ? " in group " + text::terminalLine(row->group) : "") << "\n"
        << text::terminal(status.sentence) << "\n";
    if (status.failure && !status.failure->hint.empty()) { // what went wrong is the sentence above
        out << text::terminal(status.failure->hint) << "\n";
    }
    out << "Folder: " << run.root.string() << "\n";
    if (row) {
        out << "Created " << text::localTime(row->created) << ", student " << text::terminalLine(row->student)
            << (row->teacher.empty() ? "" : ", teacher " + text::terminalLine(row->teacher)) << "\n";
    }
    for (const auto& [key, value] : info) {
        out << key << ": " << text::terminalLine(value) << "\n";
    }
    if (!latest.empty()) {
        text::Table table;
        table.columns = {{"metric"}, {"step", text::Align::Right}, {"value", text::Align::Right}};
        for (const auto& [name, point] : latest) {
            table.add({name, std::to_string(point.step), text::number(point.value)});
        }
        out << "\n" << text::toTerminal(table, styleOf(console));
    }
    out << "\nCheckpoints:";
    for (const std::int64_t step : checkpoints) {
        out << " step-" << step;
    }
    out << (checkpoints.empty() ? " none yet\n" : "\n")
        << "\nConfiguration (\"dskd show RUN --config\" prints it for dskd run):\n"
        << configJson.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    return toInt(ExitCode::Done);
}

int runMetrics(const MetricsOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    const auto id = workspace->findRun(options.run);
    if (!id) {
        return explain(console, id.failure(), ExitCode::NotFound, options.json);
    }
    auto reader = store::RunReader::open(workspace->layout().run(*id));
    if (!reader) {
        return explain(console, reader.failure(), ExitCode::Failed, options.json);
    }
    std::vector<std::string> names = reader->metricNames();
    if (!options.name.empty()) {
        if (std::find(names.begin(), names.end(), options.name) == names.end()) {
            return explain(
                console,
                {*id + " has no metric \"" + options.name + "\".", "\"dskd metrics " + *id + "\" lists those it has."},
                ExitCode::NotFound, options.json);
        }
        names = {options.name};
    }
    nlohmann::json document = nlohmann::json::object();
    text::Table table;
    table.columns = {{"metric"},
                     {"points", text::Align::Right},
                     {"first", text::Align::Right},
                     {"last", text::Align::Right},
                     {"least", text::Align::Right},
                     {"greatest", text::Align::Right}};
    if (options.csv) {
        console.out << "name,step,tokens,time,value\n";
    }
    for (const std::string& name : names) {
        const auto points = reader->series(name);
        double least = std::numeric_limits<double>::infinity();
        double greatest = -least;
        nlohmann::json rows = nlohmann::json::array();
        for (const store::MetricPoint& point : points) {
            if (options.csv) {
                console.out << text::csv(name) << ',' << point.step << ',' << point.tokens << ','
                            << text::exact(point.time) << ',' << text::exact(point.value) << '\n';
            } else if (options.json) {
                rows.push_back({point.step, point.tokens, point.time, jsonNumber(point.value)});
            }
            least = std::min(least, point.value);
            greatest = std::max(greatest, point.value);
        }
        document[name] = std::move(rows);
        if (!points.empty()) {
            table.add({name, std::to_string(points.size()), text::number(points.front().value),
                       text::number(points.back().value), text::number(least), text::number(greatest)});
        }
    }
    if (options.json) {
        printJson(console.out,
                  {{"run", *id}, {"columns", {"step", "tokens", "time", "value"}}, {"series", std::move(document)}});
    } else if (!options.csv) {
        console.out << (table.rows.empty() ? *id + " has written no metrics yet.\n"
                                           : text::toTerminal(table, styleOf(console)));
    }
    return toInt(ExitCode::Done);
}

} // namespace dskd::cli
