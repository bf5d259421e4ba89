#include "core/export/export_plan.h"

#include "core/base/checkpoint_folders.h"

#include <algorithm>
#include <system_error>

namespace dskd::exporting
{

namespace fs = std::filesystem;

namespace
{

bool isOccupied(const fs::path& place)
{
    std::error_code error;
    return fs::exists(place, error) && (!fs::is_directory(place, error) || !fs::is_empty(place, error));
}

std::string listed(const std::vector<std::int64_t>& steps)
{
    std::string text;
    for (const std::int64_t step : steps) {
        text += (text.empty() ? "" : ", ") + std::to_string(step);
    }
    return text;
}

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

} // namespace

Result<ExportPlan> planExport(const RunLayout& run, std::optional<std::int64_t> step, ExportedAs as, const fs::path& to)
{
    const std::string name = run.root.filename().string();
    std::vector<std::int64_t> steps;
    try {
        steps = finishedCheckpoints(run);
    } catch (const Error& error) {
        return error.failure();
    }
    if (steps.empty()) {
        return Failure{name + " has no finished checkpoint yet.",
                       "A running one writes it when it is asked for one, and when it is stopped."};
    }
    if (step && std::find(steps.begin(), steps.end(), *step) == steps.end()) {
        return Failure{name + " has no checkpoint of step " + std::to_string(*step) + ".",
                       "It has: " + listed(steps) + "."};
    }
    std::error_code error;
    const fs::path place = fs::absolute(to, error).lexically_normal();
    return ExportPlan{run, step.value_or(steps.back()), as, place, isOccupied(place)};
}

Result<std::vector<std::string>> carryOut(const ExportPlan& plan, Existing existing, const std::atomic<bool>& cancelled)
{
    if (existing == Existing::Refuse && isOccupied(plan.to)) { // asked again: it may be so only since the plan
        return Failure{plan.to.string() + " exists already.",
                       "Choose another folder, or have the files in it overwritten (--force)."};
    }
    if (const auto written = exportCheckpoint(plan.run, plan.step, plan.as, plan.to, cancelled); !written) {
        return written.failure();
    }
    return fileNames(plan.to);
}

} // namespace dskd::exporting
