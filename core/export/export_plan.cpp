#include "core/export/export_plan.h"

#include "core/base/checkpoint_folders.h"
#include "core/config/schema/model_ref.h"
#include "core/jobs/checkpoint_choice.h"
#include "core/jobs/run_folder.h"
#include "core/model/folder/adapter_config.h"

#include <algorithm>
#include <system_error>

namespace dskd::exporting
{

namespace fs = std::filesystem;

namespace
{

std::vector<std::string> fileNames(const fs::path& folder)
{
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored)) {
            names.push_back(entry->path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

// Why nobody can want the student in `place`, as the end of a sentence; empty: it may go there.
std::string whyKept(const RunLayout& run, const fs::path& place)
{
    std::error_code error;
    if (fs::exists(WorkspaceLayout{place}.database(), error)) {
        return "is a workspace";
    }
    for (fs::path folder = fs::weakly_canonical(place, error); folder.has_relative_path();
         folder = folder.parent_path()) {
        const WorkspaceLayout above{folder.parent_path()};
        if ((folder == above.runs() || folder == above.trash()) && fs::exists(above.database(), error)) {
            return "lies among the runs of the workspace " + above.root.string();
        }
    }
    const auto experiment = jobs::runConfig(run);
    if (!experiment) {
        return {}; // then nothing is known of its models
    }
    for (const config::ModelRef* model :
         std::initializer_list<const config::ModelRef*>{&experiment->student, &experiment->teacher}) {
        for (const std::string& source : {model->model, model->adapter, model->tokenizer}) {
            if (!source.empty() && fs::equivalent(place, source, error)) {
                return "is a folder that the run itself reads";
            }
        }
    }
    return {};
}

// What exportCheckpoint has written, or a folder of the same kind.
bool holdsModel(const fs::path& folder)
{
    const CheckpointLayout files{folder};
    std::error_code error;
    return (fs::exists(files.weights(), error) && fs::exists(files.modelConfig(), error)) ||
           (fs::exists(folder / model::kAdapterWeightsFile, error) &&
            fs::exists(folder / model::kAdapterConfigFile, error));
}

// Whether `place` holds a model; a Failure where a student can neither go beside what is there nor over it.
Result<bool> isOccupied(const fs::path& place)
{
    std::error_code error;
    const bool exists = fs::exists(place, error);
    if (exists && !fs::is_directory(place, error)) {
        return Failure{place.string() + " is a file, not a folder.", "Choose another folder.", FailureKind::Usage};
    }
    const bool holdsSomething = exists && !fs::is_empty(place, error);
    if (error) {
        return Failure{place.string() + " cannot be read: " + error.message() + ".",
                       "Choose a folder that you may read and write."};
    }
    if (holdsSomething && !holdsModel(place)) {
        return Failure{place.string() + " holds other things than a model, so no student is written there.",
                       "Choose another folder, or an empty one in it.", FailureKind::Usage};
    }
    return holdsSomething;
}

} // namespace

Result<ExportPlan> planExport(const RunLayout& run, std::optional<std::int64_t> step, ExportedAs as, const fs::path& to)
{
    std::vector<std::int64_t> steps;
    try {
        steps = finishedCheckpoints(run);
    } catch (const Error& error) {
        return error.failure();
    }
    const auto chosen = jobs::chooseStep(steps, run.root.filename().string(), step);
    if (!chosen) {
        return chosen.failure();
    }
    if (to.empty()) {
        return Failure{"The folder to export to is not named.", "Name one.", FailureKind::Usage};
    }
    std::error_code error;
    fs::path place = fs::absolute(to, error).lexically_normal();
    if (!place.has_filename()) { // a slash at its end
        place = place.parent_path();
    }
    if (const std::string kept = whyKept(run, place); !kept.empty()) {
        return Failure{place.string() + " " + kept + ", so no student is written there.", "Name another folder.",
                       FailureKind::Usage};
    }
    const Result<bool> occupied = isOccupied(place);
    if (!occupied) {
        return occupied.failure();
    }
    return ExportPlan{run, *chosen, as, place, *occupied};
}

Result<std::vector<std::string>> carryOut(const ExportPlan& plan, Existing existing, const std::atomic<bool>& cancelled)
{
    const Result<bool> occupied = isOccupied(plan.to); // asked again: it may be so only since the plan
    if (!occupied) {
        return occupied.failure();
    }
    if (existing == Existing::Refuse && *occupied) {
        return Failure{plan.to.string() + " exists already.",
                       "Choose another folder, or have the model in it overwritten."};
    }
    if (const auto written = exportCheckpoint(plan.run, plan.step, plan.as, plan.to, cancelled); !written) {
        return written.failure();
    }
    return fileNames(plan.to);
}

} // namespace dskd::exporting
