#include "core/config/plan/plan_file.h"

#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"

#include <nlohmann/json.hpp>
#include <system_error>

namespace dskd::config
{

Result<Plan> loadPlan(const std::filesystem::path& file)
{
    const auto text = readTextFile(file);
    const auto json = nlohmann::json::parse(text ? *text : "", nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.contains("configuration")) {
        std::error_code error;
        return parsePlan(*text, std::filesystem::absolute(file, error).parent_path());
    }
    auto experiment = loadExperiment(file); // the failure of what is neither is its own
    if (!experiment) {
        return experiment.failure();
    }
    Plan plan;
    plan.base = *std::move(experiment);
    return plan;
}

std::string fileText(const Plan& plan)
{
    const bool plain = plan.axes.empty() && plan.excluded.empty() && plan.fixed.empty() && plan.seeds.size() <= 1;
    if (!plain) {
        return toText(plan);
    }
    Experiment experiment = plan.base;
    if (!plan.seeds.empty()) {
        experiment.seed = plan.seeds.front();
    }
    return toText(experiment);
}

} // namespace dskd::config
