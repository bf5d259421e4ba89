// How far an experiment is, as text and as JSON.

#include "app/cli/commands/experiment_shared.h"
#include "core/text/numbers.h"

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::cli
{
namespace
{

// "2 done, 1 failed": the stages that there are.
std::string stagesText(const jobs::StageCounts& stages)
{
    const std::pair<std::size_t, const char*> parts[] = {{stages.done, "done"},     {stages.running, "running"},
                                                         {stages.queued, "queued"}, {stages.stopped, "stopped"},
                                                         {stages.failed, "failed"}, {stages.created, "never started"}};
    std::string text;
    for (const auto& [count, word] : parts) {
        if (count > 0) {
            text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + word;
        }
    }
    return text;
}

nlohmann::json stagesJson(const jobs::StageCounts& stages)
{
    return {{"done", stages.done},       {"running", stages.running}, {"queued", stages.queued},
            {"stopped", stages.stopped}, {"failed", stages.failed},   {"created", stages.created}};
}

} // namespace

std::string earlierText(const jobs::PlanProgress& progress)
{
    return progress.earlier == 0 ? "" : "; " + std::to_string(progress.earlier) + " more of earlier revisions";
}

std::string progressText(const jobs::PlanProgress& progress)
{
    const std::string stages = stagesText(progress);
    std::string lines = text::counted(static_cast<std::int64_t>(progress.planned), "run") + " planned, " +
                        std::to_string(progress.missing()) + " missing" + (stages.empty() ? "" : ", ") + stages +
                        earlierText(progress);
    if (const auto count = static_cast<std::int64_t>(progress.unplanned.total()); count > 0) {
        lines += "\n" + text::counted(count, "more run is", "more runs are") +
                 " not in the plan: " + stagesText(progress.unplanned);
    }
    return lines;
}

nlohmann::json toJson(const jobs::PlanProgress& progress)
{
    nlohmann::json document = stagesJson(progress);
    document["cells"] = progress.cells;
    document["planned"] = progress.planned;
    document["unmade"] = progress.unmade;
    document["existing"] = progress.existing();
    document["missing"] = progress.missing();
    document["earlier"] = progress.earlier;
    document["unplanned"] = stagesJson(progress.unplanned);
    return document;
}

} // namespace dskd::cli
