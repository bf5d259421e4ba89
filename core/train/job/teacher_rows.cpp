#include "core/train/job/teacher_rows.h"

#include "core/cache/kept_teachers.h"
#include "core/config/methods/fidelity_traits.h"
#include "core/preflight/run_inputs.h"

#include <ATen/Version.h>
#include <torch/version.h>
#include <utility>

namespace dskd::train
{

std::optional<teacher::SharedRows> sharedTeacherRows(const RunLayout& run, const config::Experiment& experiment,
                                                     const std::string& device, Observer& observer)
{
    const std::optional<WorkspaceLayout> workspace = cache::workspaceOf(run);
    if (!workspace || config::seesPaddedBatch(experiment.method)) {
        return std::nullopt;
    }
    cache::TeacherIdentity identity{.model = experiment.teacher.model,
                                    .adapter = experiment.teacher.adapter,
                                    .device = device,
                                    .program = "LibTorch " TORCH_VERSION ", " + at::get_cpu_capability(),
                                    .files = {}};
    for (const std::filesystem::path& file : preflight::modelFiles(experiment.teacher)) {
        if (const auto content = preflight::readInputFile("teacher", file)) {
            identity.files.push_back(content->hash);
        }
    }
    Result<cache::RowStore> store = cache::openTeacherRows(*workspace, identity);
    if (!store) {
        observer.onEvent(0, "warning", "The teacher's rows are not kept for other runs: " + store.failure().text());
        return std::nullopt;
    }
    if (const std::size_t kept = store->size(); kept > 0) {
        observer.onEvent(0, "model",
                         "Rows of the teacher are kept in the workspace: " + std::to_string(kept) + " samples.");
    }
    return teacher::SharedRows{std::move(*store),
                               [&observer](const std::string& warning) { observer.onEvent(0, "warning", warning); }};
}

} // namespace dskd::train
