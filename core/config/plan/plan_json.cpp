#include "core/config/plan/plan.h"
#include "core/config/schema/experiment_json.h"
#include "core/config/schema/strict_json.h"

#include <nlohmann/json.hpp>
#include <set>

namespace dskd::config
{
namespace
{

using nlohmann::json;

constexpr int kVersion = 1;

Failure malformed(const std::string& what)
{
    return {"The experiment's plan " + what + ".", {}, FailureKind::Usage};
}

json axesJson(const Plan& plan)
{
    json axes = json::array();
    for (const Axis& axis : plan.axes) {
        axes.push_back({{"field", axis.field}, {"values", axis.values}});
    }
    return axes;
}

} // namespace

std::string toText(const Plan& plan)
{
    json fixed = json::array();
    for (const auto& [field, value] : plan.fixed) {
        fixed.push_back({field, value});
    }
    nlohmann::ordered_json document;
    document["version"] = kVersion;
    document["axes"] = axesJson(plan);
    document["fixed"] = fixed;
    document["excluded"] = plan.excluded;
    document["seeds"] = plan.seeds;
    document["configuration"] = nlohmann::ordered_json::parse(toText(plan.base));
    return document.dump(2);
}

Result<Plan> parsePlan(std::string_view text, const std::filesystem::path& baseFolder)
{
    const Result<json> document = parseStrictJson(text);
    if (!document) {
        return document.failure();
    }
    if (!document->is_object() || !document->contains("configuration")) {
        return malformed("has no \"configuration\"");
    }
    static const std::set<std::string> kKeys{"version", "axes", "fixed", "excluded", "seeds", "configuration"};
    for (const auto& [key, value] : document->items()) {
        if (!kKeys.contains(key)) {
            return malformed("has the unknown key \"" + key + "\"");
        }
    }
    if (document->value("version", 0) != kVersion) {
        return malformed("is of a version that this program cannot read");
    }
    Plan plan;
    auto base = parseExperiment(document->at("configuration").dump(), baseFolder);
    if (!base) {
        return base.failure();
    }
    plan.base = *std::move(base);
    try {
        for (const json& axis : document->value("axes", json::array())) {
            plan.axes.push_back({axis.at("field").get<std::string>(), axis.at("values")});
        }
        plan.fixed = document->value("fixed", plan.fixed);
        plan.excluded = document->value("excluded", plan.excluded);
        plan.seeds = document->value("seeds", plan.seeds);
    } catch (const json::exception&) {
        return malformed("has axes, exclusions or seeds of another form than a plan's");
    }
    return plan;
}

} // namespace dskd::config
