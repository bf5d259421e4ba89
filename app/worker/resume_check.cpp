#include "app/worker/resume_check.h"

#include "core/base/checkpoint_folders.h"
#include "core/preflight/run_inputs.h"
#include "core/train/answers/teacher_answers.h"

#include <filesystem>

namespace dskd::worker
{

ResumeCheck checkInputs(const config::Experiment& experiment, const RunLayout& run)
{
    ResumeCheck check;
    if (experiment.job != config::JobKind::Train) {
        return check; // begins anew at every start
    }
    std::error_code error;
    const auto checkpoint = latestCheckpoint(run);
    const bool goesOn = checkpoint || std::filesystem::exists(train::teacherAnswersFile(run), error);
    const auto before = preflight::readInputs(run);
    if (!before && goesOn) {
        return {before.failure()};
    }
    preflight::RunInputs now{preflight::inputFiles(experiment), {}};
    if (goesOn && *before) {
        const preflight::RunInputs& kept = **before;
        if (const auto changes = preflight::inputChanges(kept, now.files); !changes.empty()) {
            return {preflight::refusedChanges(run, changes)};
        }
        for (const preflight::AcceptedChange& accepted : kept.accepted) {
            for (const std::string& change : accepted.changes) {
                check.warnings.push_back("Accepted on resuming from step " + std::to_string(accepted.step) + ": " +
                                         change);
            }
        }
        return check;
    }
    if (checkpoint) {
        check.warnings.emplace_back(
            "The run was begun by a version that did not keep what it is made of: whether data, "
            "models or tokenizers have changed since is not known.");
    }
    check.fits = preflight::writeInputs(run, now);
    return check;
}

} // namespace dskd::worker
