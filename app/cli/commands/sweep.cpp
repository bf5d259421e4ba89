// `dskd sweep`: a run for every combination of field values, times seeds.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/estimate_line.h"
#include "app/cli/grid.h"
#include "app/cli/terminal/follow.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiments.h"
#include "core/jobs/time_estimate.h"
#include "core/text/escape.h"

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace dskd::cli
{

namespace
{

struct SweepOptions : CommonOptions {
    std::string config;
    std::vector<std::string> grid; // "space=diff,student,dual"
    std::vector<std::string> sets;
    std::string seeds; // "10,20,30"
    std::string group; // empty: the configuration's, else its name, else its file's
    bool queueOnly = false;
    bool dryRun = false;
};

config::Plan planOf(const SweepOptions& options)
{
    std::vector<config::Axis> axes;
    for (const std::string& text : options.grid) {
        axes.push_back(parseAxis(text));
    }
    return makePlan(config::loadExperiment(options.config).value(), parseSets(options.sets), axes,
                    options.seeds.empty() ? std::vector<std::uint64_t>() : parseSeeds(options.seeds));
}

void printDryRun(const std::vector<config::Experiment>& experiments, const jobs::PlanEstimate& estimate, bool json,
                 Console& console)
{
    if (json) {
        printJson(
            console.out,
            {{"group", experiments.front().group}, {"runs", plannedJson(experiments)}, {"estimate", toJson(estimate)}});
        return;
    }
    printPlanned(experiments, console);
    console.err << text::terminal(jobs::toText(estimate)) << ".\n";
}

// A dry run makes nothing, and does without a workspace where there is none.
std::optional<store::WorkspaceDb> workspaceOf(const SweepOptions& options, Console& console)
{
    if (options.dryRun && options.workspace.empty()) {
        if (const auto folder = locateWorkspace({}); !folder) {
            console.err << "The sweep itself needs a workspace. " << text::terminal(folder.failure().text()) << '\n';
            return std::nullopt;
        }
    }
    return openWorkspace(options, console);
}

ExitCode runSweep(const SweepOptions& options, Console& console)
{
    const config::Plan plan = planOf(options);
    const std::string group = sweepName(options.group, plan, std::filesystem::path(options.config).stem().string());
    auto planned = orThrow(config::expand(plan), FailureKind::Usage);
    const std::size_t cells = config::numCells(planned);
    const std::vector<config::Experiment> experiments = jobs::namedRuns(group, std::move(planned));
    std::optional<store::WorkspaceDb> known = workspaceOf(options, console);
    jobs::checkExperimentName(known ? &*known : nullptr, group).value();
    for (const config::Experiment& experiment : experiments) { // all are looked at before the first run is made
        requireRunnable(experiment);
    }
    console.err << jobs::planText(cells, experiments.size()) << ", in group \"" << text::terminalLine(group) << "\".\n";
    if (options.dryRun) {
        jobs::PlanEstimate estimate = estimateHere(known ? &*known : nullptr, experiments);
        estimate.cells = cells;
        printDryRun(experiments, estimate, options.json, console);
        return ExitCode::Done;
    }
    store::WorkspaceDb& workspace = *known; // only a dry run does without
    const store::ExperimentRow row = jobs::saveExperiment(workspace, group, plan).value();
    const std::vector<std::string> ids = jobs::createQueued(workspace, row, experiments).value();
    if (!options.queueOnly) {
        return workQueue(console, workspace, options.json);
    }
    if (options.json) {
        printJson(console.out, {{"group", group}, {"runs", ids}});
    } else {
        for (const std::string& id : ids) {
            console.out << id << '\n';
        }
        console.err << "\"dskd queue work\" starts them.\n";
    }
    return ExitCode::Done;
}

} // namespace

void addSweep(CommandLine& line)
{
    line.add<SweepOptions>(
        "sweep", "Run every combination of field values, times seeds",
        "dskd sweep dual.json --grid space=diff,student,dual --seeds 10,20,30",
        [](CLI::App& command, SweepOptions& o) {
            command.add_option("config", o.config, "Configuration that the grid varies")
                ->type_name("CONFIG")
                ->required();
            command.add_option("--grid", o.grid, "A field and its values; may be repeated")
                ->type_name("FIELD=A,B,…")
                ->allow_extra_args(false);
            command.add_option("--seeds", o.seeds, "Seeds, for example 10,20,30")->type_name("N,N,…");
            setOption(command, o.sets);
            command.add_option("--group", o.group, "The group of all these runs")->type_name("TEXT");
            command.add_flag("--queue", o.queueOnly, "Only queue them; \"dskd queue work\" starts them");
            command.add_flag("--dry-run", o.dryRun, "Only say which runs there would be, their time and disk");
        },
        runSweep);
}

} // namespace dskd::cli
