// What differs between two plans.

#include "core/config/methods/field_use.h"
#include "core/config/methods/method_table.h"
#include "core/config/plan/plan.h"
#include "core/config/schema/experiment_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

namespace dskd::config
{
namespace
{

constexpr const char* kVaried = "varied"; // the value of a field that is an axis, or that an axis of methods sets

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
        texts.push_back(exclusionText(exclusion));
    }
    std::sort(texts.begin(), texts.end()); // in another order they exclude the same
    return joined(texts);
}

// A plan with what its runs have of every field.
class ReadPlan
{
public:
    explicit ReadPlan(const Plan& plan) : m_plan(plan), m_own(plan.base), m_runs(expand(withoutSeeds(plan)))
    {
        for (const auto& [field, value] : plan.fixed) {
            (void)setField(m_own, field, value); // what it refuses, expand() refuses too
        }
    }

    // Of a plan that cannot be: yes, so that nothing is kept from the reader.
    [[nodiscard]] bool uses(const std::string& field) const
    {
        return !m_runs || std::any_of(m_runs->begin(), m_runs->end(),
                                      [&](const PlannedRun& run) { return whyUnused(run.experiment, field).empty(); });
    }

    [[nodiscard]] bool varies(const std::string& field) const
    {
        const auto isFixed = [&](const auto& fixed) {
            const auto path = resolveField(fixed.first);
            return path && *path == field;
        };
        return std::any_of(m_plan.axes.begin(), m_plan.axes.end(), [&](const Axis& axis) {
            if (axis.field == kMethodByName) {
                const auto set = baseFields();
                return std::none_of(m_plan.fixed.begin(), m_plan.fixed.end(), isFixed) &&
                       std::any_of(set.begin(), set.end(), [&](const FieldValue& own) { return own.first == field; });
            }
            const auto path = resolveField(axis.field);
            return path && *path == field;
        });
    }

    // What the runs that use it have: one value, or several where a method brings its own.
    [[nodiscard]] std::string valueText(const std::string& field) const
    {
        if (varies(field)) {
            return kVaried;
        }
        std::vector<std::string> values;
        for (std::size_t i = 0; m_runs && i < m_runs->size(); ++i) {
            const Experiment& run = (*m_runs)[i].experiment;
            std::string value = textOf(run, field);
            if (whyUnused(run, field).empty() && std::find(values.begin(), values.end(), value) == values.end()) {
                values.push_back(std::move(value));
            }
        }
        return values.empty() ? textOf(m_own, field) : values.size() == 1 ? values.front() : joined(values);
    }

    [[nodiscard]] std::string seedsText() const
    {
        return varies("seed") ? kVaried
                              : joined(m_plan.seeds.empty() ? std::vector<std::uint64_t>{m_own.seed} : m_plan.seeds);
    }

private:
    // As people read it: without the quotes of JSON.
    static std::string textOf(const Experiment& experiment, const std::string& field)
    {
        const nlohmann::json value = fieldValue(experiment, field);
        return value.is_string() ? value.get<std::string>() : value.dump();
    }
    static Plan withoutSeeds(Plan plan)
    {
        plan.seeds.clear();
        return plan;
    }

    const Plan& m_plan;
    Experiment m_own; // with the fixed values, without those of the axes
    Result<std::vector<PlannedRun>> m_runs;
};

} // namespace

std::vector<Change> changes(const Plan& before, const Plan& after)
{
    const ReadPlan old(before);
    const ReadPlan fresh(after);
    std::vector<Change> found;
    const auto compare = [&](const std::string& field, std::string a, std::string b) {
        if (a != b) {
            found.push_back({field, std::move(a), std::move(b)});
        }
    };
    const bool listSeeds = !before.seeds.empty() || !after.seeds.empty();
    for (const FieldInfo& info : fieldReference()) {
        const bool ofTheRun = info.path == "name" || info.path == "group" || (info.path == "seed" && listSeeds);
        if (!ofTheRun && (old.uses(info.path) || fresh.uses(info.path))) {
            compare(info.path, old.valueText(info.path), fresh.valueText(info.path));
        }
    }
    compare("axes", axesText(before), axesText(after));
    compare("excluded", excludedText(before), excludedText(after));
    if (listSeeds) {
        compare("seeds", old.seedsText(), fresh.seedsText());
    }
    return found;
}

} // namespace dskd::config
