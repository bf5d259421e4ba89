#include "core/config/methods/field_use.h"
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

template <typename Value>
std::string joined(const std::vector<Value>& values)
{
    std::string text;
    for (const Value& value : values) {
        text += text.empty() ? "" : ", ";
        if constexpr (std::is_arithmetic_v<Value>) {
            text += std::to_string(value);
        } else {
            text += value;
        }
    }
    return text.empty() ? "none" : text;
}

std::string axesText(const Plan& plan)
{
    std::vector<std::string> texts;
    for (const Axis& axis : plan.axes) {
        texts.push_back(axis.field + " (" + joined(axis.values) + ")");
    }
    return joined(texts);
}

std::string excludedText(const Plan& plan)
{
    std::vector<std::string> texts;
    for (const Exclusion& exclusion : plan.excluded) {
        std::string text;
        for (const auto& [field, value] : exclusion) {
            text += (text.empty() ? "" : " ") + field + "=" + value;
        }
        texts.push_back(text);
    }
    return joined(texts);
}

std::string fixedText(const Plan& plan)
{
    std::vector<std::string> texts;
    for (const auto& [field, value] : plan.fixed) {
        texts.push_back(field + "=" + value);
    }
    return joined(texts);
}

// As people read it: without the quotes of JSON.
std::string valueText(const Experiment& experiment, const std::string& field)
{
    const json value = fieldValue(experiment, field);
    return value.is_string() ? value.get<std::string>() : value.dump();
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
        return malformed("is of a version that this program does not know");
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

std::vector<Change> changes(const Plan& before, const Plan& after)
{
    std::vector<Change> found;
    const auto compare = [&](const std::string& field, std::string a, std::string b) {
        if (a != b) {
            found.push_back({field, std::move(a), std::move(b)});
        }
    };
    for (const FieldInfo& info : fieldReference()) {
        const bool ofTheRun =
            info.path == "name" || info.path == "group" || (info.path == "seed" && !after.seeds.empty());
        const bool used = whyUnused(before.base, info.path).empty() || whyUnused(after.base, info.path).empty();
        if (used && !ofTheRun) {
            compare(info.path, valueText(before.base, info.path), valueText(after.base, info.path));
        }
    }
    compare("axes", axesText(before), axesText(after));
    compare("fixed", fixedText(before), fixedText(after));
    compare("excluded", excludedText(before), excludedText(after));
    compare("seeds", joined(before.seeds), joined(after.seeds));
    return found;
}

} // namespace dskd::config
