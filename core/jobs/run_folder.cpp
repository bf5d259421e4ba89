#include "core/jobs/run_folder.h"

#include "core/base/hash.h"
#include "core/config/methods/field_use.h"
#include "core/config/methods/method_table.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_origin.h"
#include "core/jobs/staged_run.h"
#include "core/jobs/status.h"
#include "core/store/chosen_names.h"
#include "core/store/experiment_table.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::jobs
{
namespace
{

using config::Experiment;

// What a run is called that has been given no name: "dskd-s10", "dskd-cma-rkl-s10", "dual-kl-eta-s10", "evaluate-s10".
std::string madeUpName(const Experiment& experiment)
{
    std::string name = config::methodNameOf(experiment).label;
    std::replace(name.begin(), name.end(), ' ', '-');
    return name + "-s" + std::to_string(experiment.seed);
}

std::string timeStamp()
{
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y%m%d-%H%M%S", &local);
    return text.data();
}

struct NewRun {
    std::string id;
    std::unique_ptr<StagedRun> folder;
};

// What the folders of runs keep of the experiment; empty for runs without one.
Result<std::string> keptOrigin(store::WorkspaceDb& workspace, const RunOrigin& origin)
{
    if (!origin.experiment || !origin.revision) {
        return std::string();
    }
    store::ExperimentTable table(workspace);
    const auto experiment = table.find("#" + std::to_string(*origin.experiment));
    if (!experiment) {
        return experiment.failure();
    }
    const auto revision = table.revision(*origin.experiment, *origin.revision);
    if (!revision) {
        return revision.failure();
    }
    return toText(KeptOrigin{experiment->id, experiment->created, revision->number, experiment->name, revision->plan});
}

// A folder with an id that no other run has or had: also one in the trash keeps its id.
Result<NewRun> stage(const WorkspaceLayout& workspace, const Experiment& experiment, const std::string& origin,
                     std::set<std::string>& taken)
{
    const std::string wanted = timeStamp() + "-" + madeUpName(experiment);
    for (int number = 1;; ++number) {
        const std::string id = number == 1 ? wanted : wanted + "-" + std::to_string(number);
        std::error_code error;
        if (taken.contains(id) || std::filesystem::exists(workspace.run(id).root, error)) {
            continue;
        }
        Result<std::unique_ptr<StagedRun>> folder = StagedRun::make(workspace, id, config::toText(experiment), origin);
        if (!folder) {
            return folder.failure();
        }
        if (*folder != nullptr) {
            taken.insert(id);
            return NewRun{id, std::move(*folder)};
        }
    }
}

Result<void> move(const std::filesystem::path& from, const std::filesystem::path& to)
{
    std::error_code error;
    if (!std::filesystem::exists(from, error)) {
        return {}; // someone deleted it by hand; the row can still be moved
    }
    std::filesystem::rename(from, to, error);
    if (error) {
        return Failure{from.string() + " cannot be moved to " + to.string() + ": " + error.message() + ".", {}};
    }
    return {};
}

// Moves a run's folder and writes its row. Where the row cannot be written, for example on a full disk, the folder goes
// back: a folder in the trash whose run is not there would never be found.
template <typename Note>
Result<void> moveAndNote(const std::filesystem::path& from, const std::filesystem::path& to, const Note& note)
{
    if (Result<void> moved = move(from, to); !moved) {
        return moved;
    }
    Result<void> noted;
    try {
        noted = note();
    } catch (const Error& failed) {
        noted = failed.failure();
    }
    if (!noted) {
        (void)move(to, from); // if that fails too, `dskd doctor --repair` finishes it
    }
    return noted;
}

} // namespace

Result<void> checkExperiment(const Experiment& experiment)
{
    const std::vector<config::Problem> problems = config::validate(experiment);
    if (!problems.empty()) {
        std::string what =
            problems.size() == 1 ? "" : "The experiment has " + std::to_string(problems.size()) + " problems:";
        for (const config::Problem& problem : problems) {
            what += (what.empty() ? "" : "\n  ") + problem.what;
        }
        return Failure{what, {}};
    }
    // A value out of its field's range: the worker would refuse the config.json that it reads.
    const auto readable = config::parseExperiment(config::toText(experiment), "/");
    return readable ? Result<void>() : Result<void>(readable.failure());
}

Result<void> checkNames(const Experiment& experiment)
{
    if (experiment.job != config::JobKind::Train) {
        return {};
    }
    const Result<void> named = store::checkName(experiment.name, store::Named::Run);
    return named ? store::checkName(experiment.group, store::Named::Group) : named;
}

Result<std::string> createRun(store::WorkspaceDb& workspace, const Experiment& experiment)
{
    const Result<std::vector<std::string>> ids = createRuns(workspace, {experiment}, store::Queueing::No);
    return ids ? Result<std::string>(ids->front()) : Result<std::string>(ids.failure());
}

Result<std::vector<std::string>> createRuns(store::WorkspaceDb& workspace, const std::vector<Experiment>& experiments,
                                            store::Queueing queueing, const RunOrigin& origin)
{
    for (const Experiment& experiment : experiments) {
        if (const Result<void> checked = checkExperiment(experiment); !checked) {
            return checked.failure();
        }
        if (const Result<void> named = checkNames(experiment); !origin.experiment && !named) {
            return named.failure();
        }
    }
    const Result<RunCreation> creation = RunCreation::begin(workspace);
    if (!creation) {
        return creation.failure();
    }
    const Result<std::string> kept = keptOrigin(workspace, origin);
    if (!kept) {
        return kept.failure();
    }
    std::set<std::string> taken = knownRuns(workspace);
    std::vector<NewRun> made;
    std::vector<store::RunRow> rows;
    for (const Experiment& experiment : experiments) {
        Result<NewRun> run = stage(workspace.layout(), experiment, *kept, taken);
        if (!run) {
            return run.failure();
        }
        store::RunRow& row = rows.emplace_back(summaryOf(experiment));
        row.id = run->id;
        row.created = unixTime();
        row.experiment = origin.experiment;
        row.revision = origin.revision;
        made.push_back(std::move(*run));
    }
    const Result<void> added = workspace.addRuns(rows, queueing, [&]() -> Result<void> {
        for (const NewRun& run : made) {
            if (const Result<void> placed = run.folder->place(); !placed) {
                return placed;
            }
        }
        return {};
    });
    if (!added) {
        return added.failure();
    }
    std::vector<std::string> ids;
    for (const NewRun& run : made) {
        run.folder->finish();
        ids.push_back(run.id);
    }
    return ids;
}

std::set<std::string> knownRuns(store::WorkspaceDb& workspace)
{
    std::set<std::string> ids;
    for (const bool trashed : {false, true}) {
        for (const store::RunRow& run : workspace.runs(trashed)) {
            ids.insert(run.id);
        }
    }
    return ids;
}

Result<Experiment> runConfig(const RunLayout& run)
{
    return config::loadExperiment(run.config());
}

store::RunRow summaryOf(const Experiment& e)
{
    store::RunRow row;
    row.name = e.name.empty() ? madeUpName(e) : e.name;
    row.group = e.group;
    row.job = name(e.job);
    row.objective = name(e.method.objective);
    row.space = name(e.method.space);
    row.alignment = name(e.method.alignment);
    row.distance = config::name(e.method.distance);
    config::MethodName method = config::methodNameOf(e);
    row.method = std::move(method.id);
    row.methodLabel = std::move(method.label);
    row.seed = e.seed;
    row.teacher = e.teacher.model;
    row.student = e.student.model;
    row.configHash = configHash(e);
    return row;
}

bool decidesOutcome(std::string_view path)
{
    for (const std::string_view other : {"seed", "name", "group", "version", "train.threads", "evaluate.output",
                                         "evaluate.overwrite", "checkpoint.every", "checkpoint.keep"}) {
        if (path == other) {
            return false;
        }
    }
    return !path.starts_with("log.");
}

std::map<std::string, std::string> fieldsWithEffect(const Experiment& experiment)
{
    std::map<std::string, std::string> fields;
    for (const config::FieldInfo& info : config::fieldReference()) {
        if (config::whyUnused(experiment, info.path).empty()) {
            fields[info.path] = config::fieldValue(experiment, info.path).dump();
        }
    }
    return fields;
}

std::string configHash(const Experiment& experiment)
{
    Fnv1a hash;
    for (const auto& [path, value] : fieldsWithEffect(experiment)) {
        if (decidesOutcome(path)) {
            hash.add(path + "=" + value + "\n");
        }
    }
    return hexadecimal(hash.value());
}

Result<void> requireMovable(store::WorkspaceDb& workspace, const std::string& runId)
{
    const bool alive = isAlive(readStatus(workspace.layout().run(runId)).status);
    return alive ? Result<void>(Failure{"The run " + runId + " is being worked on.", "Stop it first."})
                 : Result<void>();
}

Result<void> moveToTrash(store::WorkspaceDb& workspace, const std::string& runId)
{
    const Result<store::RunRow> row = workspace.run(runId);
    if (!row) {
        return row.failure();
    }
    if (row->trashed) {
        return Failure{"The run " + runId + " is in the trash already.", {}};
    }
    if (const Result<void> movable = requireMovable(workspace, runId); !movable) {
        return movable;
    }
    return moveAndNote(workspace.layout().run(runId).root, workspace.layout().trash() / runId, [&] {
        workspace.dequeue(runId);
        return workspace.setTrashed(runId, unixTime());
    });
}

Result<void> restoreFromTrash(store::WorkspaceDb& workspace, const std::string& runId)
{
    const Result<store::RunRow> row = workspace.run(runId);
    if (!row) {
        return row.failure();
    }
    if (!row->trashed) {
        return Failure{"The run " + runId + " is not in the trash.", {}};
    }
    return moveAndNote(workspace.layout().trash() / runId, workspace.layout().run(runId).root,
                       [&] { return workspace.setTrashed(runId, std::nullopt); });
}

std::uint64_t folderSize(const std::filesystem::path& folder)
{
    std::uint64_t bytes = 0;
    std::error_code error;
    std::filesystem::recursive_directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored)) {
            bytes += entry->file_size(ignored);
        }
    }
    return bytes;
}

Result<std::uint64_t> purge(store::WorkspaceDb& workspace, const std::string& runId)
{
    const Result<store::RunRow> row = workspace.run(runId);
    if (!row) {
        return row.failure();
    }
    if (!row->trashed) {
        return Failure{"The run " + runId + " is not in the trash.", "Move it there first."};
    }
    const std::filesystem::path folder = workspace.layout().trash() / runId;
    const std::filesystem::path going = workspace.layout().trash() / (std::string(kGoingPrefix) + runId);
    const std::uint64_t bytes = folderSize(folder) + folderSize(going);
    // Renamed first: a kill within the deletion must not leave half a run that looks like one in the trash.
    if (const Result<void> moved = move(folder, going); !moved) {
        return moved.failure();
    }
    if (const Result<void> forgotten = workspace.forget(runId); !forgotten) {
        return forgotten.failure();
    }
    std::error_code error;
    std::filesystem::remove_all(going, error);
    if (error) {
        return Failure{going.string() + " cannot be deleted: " + error.message() + ".",
                       "`dskd doctor --repair` tries it again."};
    }
    return bytes;
}

} // namespace dskd::jobs
