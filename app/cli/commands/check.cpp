// `dskd check`: does an experiment fit together, before anything is trained?

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/estimate_line.h"
#include "app/cli/field_sets.h"
#include "core/jobs/step_probe.h"
#include "core/preflight/preflight.h"
#include "core/text/escape.h"

#include <atomic>
#include <nlohmann/json.hpp>
#include <optional>

namespace dskd::cli
{

namespace
{

struct CheckOptions : CommonOptions {
    std::string config;
    std::vector<std::string> sets;
    bool probe = false; // train a few steps to measure them
};

std::string_view levelName(preflight::Level level)
{
    return level == preflight::Level::Good ? "ok" : level == preflight::Level::Note ? "note" : "problem";
}

Tone toneOf(preflight::Level level)
{
    return level == preflight::Level::Good ? Tone::Good : level == preflight::Level::Note ? Tone::Warn : Tone::Bad;
}

nlohmann::json toJson(const preflight::Finding& finding)
{
    nlohmann::json remedies = nlohmann::json::array();
    for (const preflight::Remedy& remedy : finding.remedies) {
        nlohmann::json fields = nlohmann::json::object();
        for (const auto& [field, value] : remedy.fields) {
            fields[field] = value;
        }
        remedies.push_back({{"label", remedy.label}, {"fields", fields}});
    }
    nlohmann::json worst = nlohmann::json::array();
    for (const preflight::AlignedSample& sample : finding.worst) {
        worst.push_back({{"line", sample.line}, {"paired", sample.paired}, {"tokens", sample.tokens}});
    }
    return {{"topic", finding.topic},       {"level", levelName(finding.level)},
            {"headline", finding.headline}, {"sentence", finding.sentence},
            {"field", finding.field},       {"remedies", remedies},
            {"worst_samples", worst}};
}

void print(const preflight::Finding& finding, Console& console)
{
    std::string level(levelName(finding.level));
    level.resize(9, ' ');
    console.out << console.paint(level, toneOf(finding.level));
    if (!finding.sentence.starts_with(finding.headline + ' ')) { // a field's problem begins with its name
        console.out << text::terminalLine(finding.headline) << ": ";
    }
    console.out << text::terminalLine(finding.sentence) << '\n';
    for (const preflight::Remedy& remedy : finding.remedies) {
        console.out << std::string(9, ' ') << text::terminalLine(remedy.label) << ':';
        for (const auto& [field, value] : remedy.fields) {
            console.out << " --set " << field << '=' << text::terminalLine(value);
        }
        console.out << '\n';
    }
}

// The workspace by whose runs the time of this one is estimated. None: there is none here, or it cannot be read, which
// is reported.
std::optional<store::WorkspaceDb> workspaceHere(const CheckOptions& options, Console& console)
{
    const auto folder = locateWorkspace(options.workspace);
    if (!folder) {
        if (!options.workspace.empty()) {
            throw Error(folder.failure());
        }
        return std::nullopt;
    }
    auto workspace = store::WorkspaceDb::open(*folder);
    if (!workspace) {
        console.err << text::terminal(workspace.failure().text()) << "\n";
        return std::nullopt;
    }
    return *std::move(workspace);
}

// Usage when the worker would refuse the experiment.
ExitCode runCheck(const CheckOptions& options, Console& console)
{
    const config::Experiment experiment = readExperiment(options.config, options.sets);
    bool fits = true;
    nlohmann::json findings = nlohmann::json::array();
    const std::atomic<bool> cancelled{false};
    std::optional<store::WorkspaceDb> workspace = workspaceHere(options, console);
    std::vector<jobs::MeasuredRun> probes;
    preflight::Options checks;
    checks.time = [&](std::int64_t steps) {
        auto measured = workspace ? jobs::measuredRuns(*workspace, {experiment}) : std::vector<jobs::MeasuredRun>();
        jobs::Source source;
        if (options.probe && fits && !jobs::estimateSeconds(measured, experiment, steps, source)) {
            console.err << "Training a few steps to measure them.\n";
            auto probe = jobs::probeSteps(experiment);
            if (!probe) {
                return "Not known: " + probe.failure().text();
            }
            probes.push_back(*std::move(probe));
            measured = probes;
        }
        return jobs::timeSentence(measured, experiment, steps);
    };
    preflight::check(experiment, checks, cancelled, [&](const preflight::Finding& finding) {
        fits = fits && finding.level != preflight::Level::Problem;
        findings.push_back(toJson(finding));
        if (!options.json) {
            print(finding, console);
        }
    });
    const jobs::PlanEstimate estimate = estimateHere(workspace ? &*workspace : nullptr, {experiment}, probes);
    if (options.json) {
        printJson(console.out, {{"fits", fits}, {"findings", findings}, {"estimate", cli::toJson(estimate)}});
    } else {
        console.out << text::terminal(jobs::toText(estimate)) << ".\n";
        console.out << (fits ? "This experiment can run.\n" : "The worker would refuse this experiment.\n");
    }
    return fits ? ExitCode::Done : ExitCode::Usage;
}

} // namespace

void addCheck(CommandLine& line)
{
    line.add<CheckOptions>(
        "check", "Say whether an experiment fits together, before anything is trained",
        "dskd check dual.json --set method.alignment=cma",
        [](CLI::App& command, CheckOptions& o) {
            command.add_option("config", o.config, "Configuration to check")->required()->type_name("CONFIG");
            setOption(command, o.sets);
            command.add_flag("--probe", o.probe,
                             "Where no run like it has been measured, train a few steps to measure how long it takes");
        },
        runCheck);
}

} // namespace dskd::cli
