// `dskd experiment save` and `edit`: what makes revisions.

#include "app/cli/command_line.h"
#include "app/cli/commands/experiment_shared.h"
#include "app/cli/commands/words.h"
#include "app/cli/estimate_line.h"
#include "app/cli/field_sets.h"
#include "app/cli/grid.h"
#include "core/base/process.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiment_file.h"
#include "core/preflight/rules.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

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

// The axes and seeds of the options in place of the plan's where they are given, and the exclusions added to it.
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
    if (std::find(options.exclude.begin(), options.exclude.end(), "none") != options.exclude.end()) {
        plan.excluded.clear();
    }
    for (const std::string& text : options.exclude) {
        if (text == "none") {
            continue;
        }
        config::Exclusion exclusion = parseExclusion(text);
        if (std::find(plan.excluded.begin(), plan.excluded.end(), exclusion) == plan.excluded.end()) {
            plan.excluded.push_back(std::move(exclusion));
        }
    }
    if (!options.seeds.empty()) {
        plan.seeds = options.seeds == "none" ? std::vector<std::uint64_t>() : parseSeeds(options.seeds);
    }
}

// What the plan changes in the newest revision. Of one that cannot be read nothing is known.
std::vector<config::Change> changesOf(Experiments& experiments, const store::ExperimentRow& before,
                                      const config::Plan& plan)
{
    const auto newest = jobs::planOf(experiments.workspace, before);
    return newest ? config::changes(*newest, plan) : std::vector<config::Change>();
}

void applyNotes(const ChangeOptions& options, store::ExperimentTable& table, std::int64_t id)
{
    if (options.rename) { // first: it may be refused
        table.rename(id, *options.rename).value();
    }
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
}

// What the runs name and cannot be used, each once: no reason not to keep the plan, which may be for another machine.
std::vector<std::string> unusableFiles(const std::vector<config::Experiment>& runs)
{
    std::vector<std::string> found;
    for (const config::Experiment& run : runs) {
        const auto usable = preflight::checkFiles(run);
        if (!usable && std::find(found.begin(), found.end(), usable.failure().text()) == found.end()) {
            found.push_back(usable.failure().text());
        }
    }
    return found;
}

// What was saved.
struct Saved {
    std::optional<store::ExperimentRow> before; // none: it is new
    store::ExperimentRow after;
    std::vector<config::Change> changes; // of the plan
    jobs::PlanProgress progress;
    jobs::PlanEstimate estimate;
    std::vector<std::string> warnings;

    [[nodiscard]] bool isNewRevision() const { return !before || before->revision != after.revision; }
    // What is no part of a revision: "name", "note", "tags", "archived".
    [[nodiscard]] std::vector<std::string> alsoChanged() const
    {
        std::vector<std::string> changed;
        const auto add = [&](const char* what, bool differs) {
            if (differs) {
                changed.emplace_back(what);
            }
        };
        if (before) {
            add("name", before->name != after.name);
            add("note", before->note != after.note);
            add("tags", before->tags != after.tags);
            add("archived", before->archived.has_value() != after.archived.has_value());
        }
        return changed;
    }
};

void print(const Saved& saved, Console& console)
{
    const store::ExperimentRow& row = saved.after;
    console.out << text::terminalLine(row.name)
                << (saved.isNewRevision() ? " is saved as revision " : " has the plan that it had, revision ")
                << row.revision << ": " << text::terminal(jobs::toText(saved.estimate)) << ".\n";
    if (saved.before && saved.isNewRevision()) {
        console.out << "Changed since revision " << saved.before->revision << ":";
        for (const config::Change& change : saved.changes) {
            console.out << "\n  " << text::terminalLine(toText(change));
        }
        console.out << (saved.changes.empty() ? " nothing that has an effect.\n" : "\n");
    }
    if (const std::vector<std::string> also = saved.alsoChanged(); !also.empty()) {
        console.out << "Changed beside the plan:";
        for (const std::string& what : also) {
            console.out << (what == also.front() ? " " : ", ") << what;
        }
        console.out << ".\n";
    }
    if (saved.before) {
        const auto there = static_cast<std::int64_t>(saved.progress.existing());
        const auto missing = static_cast<std::int64_t>(saved.progress.missing());
        console.out << text::counted(there, "run exists", "runs exist") << ", " << text::counted(missing, "is", "are")
                    << " still to be run" << earlierText(saved.progress) << ".\n";
    }
}

nlohmann::json toJson(const Saved& saved)
{
    return {{"experiment", saved.after.id},
            {"name", saved.after.name},
            {"revision", saved.after.revision},
            {"new_revision", saved.isNewRevision()},
            {"changes", cli::toJson(saved.changes)},
            {"also_changed", saved.alsoChanged()},
            {"planned", saved.progress.planned},
            {"progress", cli::toJson(saved.progress)},
            {"warnings", saved.warnings},
            {"estimate", cli::toJson(saved.estimate)}};
}

// Stores the plan under the name, or as a revision of `before`, with the name, note and tags of the options.
Saved save(Experiments& experiments, const ChangeOptions& options, const std::string& name, const config::Plan& plan,
           const std::optional<store::ExperimentRow>& before)
{
    auto planned = orThrow(config::expand(plan), FailureKind::Usage); // before the first change
    const std::size_t cells = config::numCells(planned);
    Saved saved;
    saved.before = before;
    if (before) {
        saved.changes = changesOf(experiments, *before, plan);
        applyNotes(options, experiments.table, before->id); // a name that is refused saves nothing
    }
    const std::string now = before && options.rename ? *options.rename : name;
    saved.after = jobs::saveExperiment(experiments.workspace, now, plan).value();
    if (!before) {
        applyNotes(options, experiments.table, saved.after.id);
    }
    saved.after = experiments.find("#" + std::to_string(saved.after.id));
    const std::vector<config::Experiment> runs = jobs::namedRuns(saved.after.name, std::move(planned));
    saved.warnings = unusableFiles(runs);
    saved.progress =
        jobs::progressOf(jobs::readPlanState(experiments.workspace, saved.after, experiments.workspace.runs()).value(),
                         jobs::statusesOf(experiments.workspace));
    saved.estimate = estimateHere(&experiments.workspace, runs);
    saved.estimate.cells = cells;
    return saved;
}

ExitCode printSaved(const Saved& saved, bool json, Console& console)
{
    for (const std::string& warning : saved.warnings) {
        console.err << "Warning: " << text::terminal(warning)
                    << " The experiment is saved; \"dskd experiment run\" refuses while that is so.\n";
    }
    if (json) {
        printJson(console.out, toJson(saved));
    } else {
        print(saved, console);
    }
    return ExitCode::Done;
}

// The sets of --set, of which none may name what the experiment decides for its runs.
FieldSets setsOf(const ChangeOptions& options, const std::string& hint)
{
    FieldSets sets = parseSets(options.sets);
    for (const auto& [name, value] : sets.fields) {
        const auto field = config::resolveField(name);
        if (field && (*field == "name" || *field == "group")) {
            throw Error("--set " + name + "=" + value +
                            " would have no effect: runs of an experiment are named by their values, in a group that "
                            "is called as the experiment is.",
                        hint, FailureKind::Usage);
        }
    }
    return sets;
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
    applyGrid(options, plan);
    apply(setsOf(options, "The first word behind \"save\" is the name of the experiment."), plan);
    std::optional<store::ExperimentRow> before;
    if (const auto known = experiments.table.find(options.experiment); known && known->name == options.experiment) {
        before = *known;
    }
    return printSaved(save(experiments, options, options.experiment, plan, before), options.json, console);
}

ExitCode runEdit(const ChangeOptions& options, Console& console)
{
    Experiments experiments(options, console);
    const store::ExperimentRow before = experiments.find(options.experiment);
    config::Plan plan = jobs::planOf(experiments.workspace, before).value();
    applyGrid(options, plan);
    apply(setsOf(options, "--rename gives the experiment another name."), plan);
    return printSaved(save(experiments, options, before.name, plan, before), options.json, console);
}

void addChanges(CLI::App& command, ChangeOptions& o)
{
    setOption(command, o.sets);
    command.add_option("--grid", o.grid, "A field and its values; may be repeated; \"none\" removes the axes")
        ->type_name("FIELD=A,B,…")
        ->allow_extra_args(false);
    command
        .add_option("--exclude", o.exclude,
                    "A combination to leave out; may be repeated; \"none\" removes those there are")
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
