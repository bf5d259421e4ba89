// `dskd experiment save` and `edit`: what makes revisions.

#include "app/cli/command_line.h"
#include "app/cli/commands/experiment_shared.h"
#include "app/cli/commands/words.h"
#include "app/cli/estimate_line.h"
#include "app/cli/grid.h"
#include "core/base/process.h"
#include "core/jobs/experiment_file.h"
#include "core/text/escape.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace dskd::cli
{

namespace
{

// Both of save, which begins with a file, and of edit, which begins with what is there.
struct ChangeOptions : CommonOptions {
    std::string experiment;
    std::string config; // of save; empty: `from`
    std::string from;   // of save; an experiment
    std::vector<std::string> sets;
    std::vector<std::string> grid;
    std::vector<std::string> exclude;
    std::string seeds;
    std::optional<std::string> rename;
    std::optional<std::string> note;
    std::vector<std::string> tags;
    bool archive = false;
    bool unarchive = false;
};

config::Exclusion parseExclusion(const std::string& text)
{
    config::Exclusion exclusion;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const config::Axis value = parseAxis(text.substr(begin, end - begin));
        exclusion[value.field] = value.values.front();
        begin = end + 1;
    }
    return exclusion;
}

// The axes, exclusions and seeds of the options, in place of the plan's where they are given.
void applyGrid(const ChangeOptions& options, config::Plan& plan)
{
    if (!options.grid.empty()) {
        plan.axes.clear();
        plan.excluded.clear(); // they name values of axes
        for (const std::string& text : options.grid) {
            if (text != "none") {
                plan.axes.push_back(parseAxis(text));
            }
        }
    }
    for (const std::string& text : options.exclude) {
        plan.excluded.push_back(parseExclusion(text));
    }
    if (!options.seeds.empty()) {
        plan.seeds = options.seeds == "none" ? std::vector<std::uint64_t>() : parseSeeds(options.seeds);
    }
}

void applyNotes(const ChangeOptions& options, store::ExperimentTable& table, std::int64_t id)
{
    if (options.note) {
        table.setNote(id, *options.note).value();
    }
    if (!options.tags.empty()) {
        const bool none = options.tags == std::vector<std::string>{"none"};
        table.setTags(id, none ? std::vector<std::string>() : options.tags).value();
    }
    if (options.archive || options.unarchive) {
        table.setArchived(id, options.archive ? std::optional(unixTime()) : std::nullopt).value();
    }
    if (options.rename) {
        table.rename(id, *options.rename).value();
    }
}

void printSaved(const store::ExperimentRow& row, const jobs::PlanEstimate& estimate, bool json, Console& console)
{
    if (json) {
        printJson(console.out, {{"experiment", row.id},
                                {"name", row.name},
                                {"revision", row.revision},
                                {"planned", estimate.runs},
                                {"estimate", toJson(estimate)}});
        return;
    }
    console.out << text::terminalLine(row.name) << " is saved as revision " << row.revision << ": "
                << text::terminal(jobs::toText(estimate)) << ".\n";
}

ExitCode runSave(const ChangeOptions& options, Console& console)
{
    if (options.config.empty() == options.from.empty()) {
        throw Error("An experiment begins with a configuration or with another experiment.",
                    "Name a file, or an experiment with --from.", FailureKind::Usage);
    }
    Experiments experiments(options, console);
    config::Plan plan =
        options.from.empty() ? jobs::readExperimentFile(options.config).value().plan : experiments.plan(options.from);
    apply(parseSets(options.sets), plan);
    applyGrid(options, plan);
    const auto row = jobs::saveExperiment(experiments.workspace, options.experiment, plan).value();
    applyNotes(options, experiments.table, row.id);
    printSaved(row, estimateHere(&experiments.workspace, jobs::plannedRuns(row.name, plan).value()), options.json,
               console);
    return ExitCode::Done;
}

ExitCode runEdit(const ChangeOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const store::ExperimentRow before = experiments.find(options.experiment);
    config::Plan plan = jobs::planOf(experiments.workspace, before).value();
    apply(parseSets(options.sets), plan);
    applyGrid(options, plan);
    store::ExperimentRow row = jobs::saveExperiment(experiments.workspace, before.name, plan).value();
    applyNotes(options, experiments.table, row.id);
    row = experiments.find("#" + std::to_string(row.id));
    printSaved(row, estimateHere(&experiments.workspace, jobs::plannedRuns(row.name, plan).value()), options.json,
               console);
    return ExitCode::Done;
}

void addChanges(CLI::App& command, ChangeOptions& o)
{
    setOption(command, o.sets);
    command.add_option("--grid", o.grid, "A field and its values; may be repeated; \"none\" removes the axes")
        ->type_name("FIELD=A,B,…")
        ->allow_extra_args(false);
    command.add_option("--exclude", o.exclude, "A combination to leave out; may be repeated")
        ->type_name("FIELD=A,FIELD=B")
        ->allow_extra_args(false);
    command.add_option("--seeds", o.seeds, "Seeds, for example 10,20,30; \"none\": the configuration's own")
        ->type_name("N,N,…");
    command.add_option("--note", o.note, "A note in a person's words")->type_name("TEXT");
    command.add_option("--tag", o.tags, "Its tags in place of those it has; may be repeated; \"none\" removes them")
        ->type_name("TEXT")
        ->allow_extra_args(false);
}

} // namespace

void addExperimentChanges(CommandLine& line, CLI::App* family)
{
    line.addTo<ChangeOptions>(
        family, "save", "Make an experiment of a configuration, or a new revision of one with that name",
        "dskd experiment save ablation dual.json --grid space=diff,student,dual --seeds 10,20,30",
        [](CLI::App& command, ChangeOptions& o) {
            command.add_option("name", o.experiment, "Its name")->type_name("NAME")->required();
            auto* file =
                command.add_option("config", o.config, "A configuration, or a file of \"export\"")->type_name("CONFIG");
            command.add_option("--from", o.from, "An experiment to begin with, or NAME@REVISION")
                ->type_name("EXPERIMENT")
                ->excludes(file);
            addChanges(command, o);
        },
        runSave);
    line.addTo<ChangeOptions>(
        family, "edit", "Change an experiment: a new revision", "dskd experiment edit ablation --set train.lr=1e-3",
        [](CLI::App& command, ChangeOptions& o) {
            experimentArgument(command, o.experiment);
            addChanges(command, o);
            command.add_option("--rename", o.rename, "Another name")->type_name("NAME");
            auto* archive = command.add_flag("--archive", o.archive, "Put it out of sight");
            command.add_flag("--unarchive", o.unarchive, "Bring it back")->excludes(archive);
        },
        runEdit);
}

} // namespace dskd::cli
