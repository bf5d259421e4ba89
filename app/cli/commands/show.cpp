// `dskd show`: one run: status, newest metrics, checkpoints, configuration.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/terminal/follow.h"
#include "core/base/checkpoint_folders.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/diagnostics.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "core/jobs/watchdogs.h"
#include "core/metrics/metric_table.h"
#include "core/preflight/memory_estimate.h"
#include "core/store/run_reader.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace dskd::cli
{

namespace
{

struct ShowOptions : CommonOptions {
    std::string run;
    bool config = false;      // only the frozen configuration, as JSON
    bool diagnostics = false; // only what a report of a problem needs
};

struct RunFacts {
    std::string id;
    RunLayout folder;
    std::optional<store::RunRow> row;
    jobs::RunStatus status;
    std::vector<std::int64_t> checkpoints;
    std::map<std::string, store::MetricPoint> latest;
    std::vector<store::EventRow> events;
    std::vector<std::string> warnings;
    std::map<std::string, std::string> info;
    nlohmann::json config;
    std::vector<jobs::Finding> findings = {};
    std::optional<double> peakMemory = {};                   // bytes; none before the first step
    std::optional<preflight::MemoryEstimate> estimated = {}; // none where models or data cannot be read any more
};

void readMemory(const config::Experiment& experiment, store::RunReader& reader, RunFacts& facts)
{
    for (const store::MetricPoint& point : reader.series(std::string(metrics::kMemory))) {
        facts.peakMemory = std::max(facts.peakMemory.value_or(0.0), point.value);
    }
    if (facts.peakMemory) {
        if (const auto estimate = preflight::estimateMemory(experiment)) {
            facts.estimated = *estimate;
        }
    }
}

RunFacts factsOf(store::WorkspaceDb& workspace, const std::string& id, const RunLayout& folder,
                 const config::Experiment& experiment)
{
    RunFacts facts{id, folder, {}, jobs::readStatus(workspace, id), finishedCheckpoints(folder), {},
                   {}, {},     {}, config::toJson(experiment)};
    if (const auto row = workspace.run(id)) {
        facts.row = *row;
    }
    if (auto reader = store::RunReader::open(folder)) { // none before the worker has begun
        facts.latest = reader->latest();
        facts.events = reader->eventsAfter();
        facts.warnings = warningsOf(folder, *reader);
        facts.info = reader->info();
        readMemory(experiment, *reader, facts);
    }
    if (auto findings = jobs::watchRun(folder)) {
        facts.findings = *std::move(findings);
    } else {
        facts.warnings.push_back(findings.failure().text());
    }
    return facts;
}

nlohmann::json toJson(const jobs::Finding& finding)
{
    nlohmann::json remedies = nlohmann::json::array();
    for (const jobs::Remedy& remedy : finding.remedies) {
        nlohmann::json fields = nlohmann::json::object();
        for (const auto& [field, value] : remedy.fields) {
            fields[field] = value;
        }
        remedies.push_back({{"label", remedy.label}, {"fields", fields}});
    }
    return {{"signature", finding.signature},
            {"headline", finding.headline},
            {"seen", finding.seen},
            {"why", finding.why},
            {"hint", finding.hint},
            {"metric", finding.metric},
            {"step", finding.step},
            {"harmful", finding.harmful},
            {"remedies", remedies}};
}

nlohmann::json toJson(const RunFacts& facts)
{
    nlohmann::json metrics = nlohmann::json::object();
    for (const auto& [name, point] : facts.latest) {
        metrics[name] = {{"step", point.step}, {"value", jsonNumber(point.value)}};
    }
    nlohmann::json events = nlohmann::json::array();
    for (const store::EventRow& event : facts.events) {
        events.push_back({{"time", event.time},
                          {"step", event.step},
                          {"kind", event.kind},
                          {"message", event.message},
                          {"hint", event.hint}});
    }
    nlohmann::json findings = nlohmann::json::array();
    for (const jobs::Finding& finding : facts.findings) {
        findings.push_back(toJson(finding));
    }
    const jobs::RunStatus& status = facts.status;
    nlohmann::json document = {{"run", facts.id},
                               {"name", facts.row ? facts.row->name : ""},
                               {"group", facts.row ? facts.row->group : ""},
                               {"folder", facts.folder.root.string()},
                               {"status", jobs::name(status.status)},
                               {"sentence", status.sentence},
                               {"warnings", facts.warnings},
                               {"findings", findings},
                               {"step", status.step},
                               {"total_steps", status.totalSteps},
                               {"resumable", status.resumable},
                               {"checkpoints", facts.checkpoints},
                               {"metrics", metrics},
                               {"events", events},
                               {"info", facts.info},
                               {"config", facts.config}};
    if (facts.peakMemory) {
        document["peak_memory_bytes"] = *facts.peakMemory;
    }
    if (facts.estimated) {
        nlohmann::json parts = nlohmann::json::object();
        for (const preflight::MemoryPart& part : preflight::parts(*facts.estimated)) {
            parts[std::string(part.what)] = part.bytes;
        }
        document["estimated_memory"] = {{"bytes", facts.estimated->total()}, {"parts", parts}};
    }
    if (status.failure) {
        document["failure"] = {
            {"what", status.failure->what}, {"hint", status.failure->hint}, {"details", status.failure->details}};
    }
    return document;
}

void print(const jobs::Finding& finding, Console& console)
{
    console.out << console.paint(finding.headline + ": ", finding.harmful ? Tone::Warn : Tone::Strong)
                << text::terminal(finding.seen) << "\n  " << finding.why << "\n  " << finding.hint << "\n";
    for (const jobs::Remedy& remedy : finding.remedies) {
        console.out << "  try";
        for (const auto& [field, value] : remedy.fields) {
            console.out << " --set " << field << '=' << value;
        }
        console.out << '\n';
    }
}

void print(const RunFacts& facts, Console& console)
{
    const auto& [id, folder, row, status, checkpoints, latest, events, warnings, info, config, findings, peak,
                 estimated] = facts;
    std::ostream& out = console.out;
    out << console.paint(text::terminalLine(row ? labelOf(*row) : id), Tone::Strong) << "\n"
        << id << (row && !row->group.empty() ? " in group " + text::terminalLine(row->group) : "") << "\n"
        << text::terminal(status.sentence) << "\n";
    if (status.failure && !status.failure->hint.empty()) { // what went wrong is the sentence above
        out << text::terminal(status.failure->hint) << "\n";
    }
    for (const std::string& warning : warnings) {
        out << console.paint("Warning: ", Tone::Warn) << text::terminal(warning) << "\n";
    }
    for (const jobs::Finding& finding : findings) {
        print(finding, console);
    }
    out << "Folder: " << text::terminalLine(folder.root.string()) << "\n";
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
        for (const std::string& name : metrics::inTableOrder(latest)) {
            const store::MetricPoint& point = latest.at(name);
            table.add({metrics::shownTitle(name), std::to_string(point.step),
                       text::number(point.value * metrics::shownFactor(name))});
        }
        out << "\n" << text::toTerminal(table, tableStyle(console));
    }
    if (peak && estimated) {
        out << "\nMemory: " << preflight::peakSentence(*estimated, *peak) << "\n";
    }
    out << "\nCheckpoints:";
    for (const std::int64_t step : checkpoints) {
        out << " step-" << step;
    }
    out << (checkpoints.empty() ? " none yet\n" : "\n")
        << "\nConfiguration (\"dskd show RUN --config\" prints it for dskd run):\n"
        << text::terminalJson(config.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)) << "\n";
}

void printDiagnostics(const jobs::Diagnostics& found, bool asJson, Console& console)
{
    if (!asJson) {
        console.out << text::terminal(jobs::toText(found));
        return;
    }
    printJson(console.out, {{"run", found.runId},
                            {"status", found.status},
                            {"sentence", found.sentence},
                            {"what", found.what},
                            {"hint", found.hint},
                            {"log", found.log},
                            {"program", found.program},
                            {"facts", found.facts},
                            {"config", nlohmann::json::parse(found.configuration)}});
}

ExitCode runShow(const ShowOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const std::string id = workspace.findRun(options.run).value();
    const RunLayout folder = workspace.layout().run(id);
    if (const std::optional<Failure> gone = jobs::folderGone(folder)) {
        throw Error(*gone);
    }
    if (options.diagnostics) {
        printDiagnostics(jobs::diagnose(folder).value(), options.json, console);
        return ExitCode::Done;
    }
    const config::Experiment config = jobs::runConfig(folder).value();
    if (options.config) {
        printJson(console.out, config::toJson(config));
    } else if (options.json) {
        printJson(console.out, toJson(factsOf(workspace, id, folder, config)));
    } else {
        print(factsOf(workspace, id, folder, config), console);
    }
    return ExitCode::Done;
}

} // namespace

void addShow(CommandLine& line)
{
    line.add<ShowOptions>(
        "show", "Show a run: status, newest metrics, checkpoints, configuration",
        "dskd show last --config > again.json",
        [](CLI::App& command, ShowOptions& o) {
            runArgument(command, o.run);
            CLI::Option* configOnly =
                command.add_flag("--config", o.config, "Only its configuration, which dskd run takes");
            command
                .add_flag("--diagnostics", o.diagnostics,
                          "What a report of a problem needs: status, failure, log, versions, configuration; without "
                          "the folders of files that the configuration names. Look through the log before you send it")
                ->excludes(configOnly);
        },
        runShow);
}

} // namespace dskd::cli
