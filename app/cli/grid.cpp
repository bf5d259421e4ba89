#include "app/cli/grid.h"

#include "core/base/result.h"
#include "core/config/methods/method_table.h"
#include "core/config/plan/seeds.h"
#include "core/config/schema/experiment_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

std::vector<std::string> split(const std::string& text)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::string joined(const std::vector<std::string>& values)
{
    std::string text;
    for (const std::string& value : values) {
        text += (text.empty() ? "" : ", ") + value;
    }
    return text;
}

[[noreturn]] void refuse(const std::string& what, const std::string& hint = {})
{
    throw Error(what, hint, FailureKind::Usage);
}

// Whether both texts mean one value of the field, as 1e-3 and 0.001 do.
bool areSame(const std::string& field, const std::string& a, const std::string& b)
{
    if (a == b || field == config::kMethodByName) {
        return a == b;
    }
    config::Experiment first;
    config::Experiment second;
    return config::setField(first, field, a) && config::setField(second, field, b) && // else it is refused later
           config::fieldValue(first, field) == config::fieldValue(second, field);
}

// A value that an axis or the list of seeds puts another in the place of would be kept and have no effect.
void requireNotVaried(const FieldSets& sets, const config::Plan& plan)
{
    for (const auto& [name, value] : sets.fields) {
        const std::string field = orThrow(config::resolveField(name), FailureKind::Usage);
        for (const config::Axis& axis : plan.axes) {
            const auto varied = config::resolveField(axis.field);
            if (varied && *varied == field) {
                refuse("--set " + name + "=" + value + " would have no effect: the plan varies " + field + " (" +
                           joined(axis.values) + ").",
                       "Change the values of the axis with --grid, which names all axes anew, or end it: a --grid of "
                       "the others alone, or \"--grid none\".");
            }
        }
        if (field == "seed" && !plan.seeds.empty()) {
            refuse("--set " + name + "=" + value + " would have no effect: the plan lists its seeds (" +
                       config::seedsText(plan.seeds) + ").",
                   "Change them with --seeds; \"--seeds none\" ends the list.");
        }
    }
}

} // namespace

config::Axis parseAxis(const std::string& text)
{
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        refuse("--grid \"" + text + "\" is not of the form FIELD=VALUE,VALUE,….",
               "For example: --grid space=diff,student,dual");
    }
    const std::string name = text.substr(0, equals);
    config::Axis axis{name == config::kMethodByName ? name : orThrow(config::resolveField(name), FailureKind::Usage),
                      split(text.substr(equals + 1))};
    for (std::size_t i = 0; i < axis.values.size(); ++i) {
        if (axis.values[i].empty()) {
            refuse("--grid \"" + text + "\" has an empty value.", "Remove the extra comma.");
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (axis.values[i] == axis.values[j]) {
                refuse("--grid \"" + text + "\" names " + axis.values[i] + " twice.");
            }
            if (areSame(axis.field, axis.values[i], axis.values[j])) {
                refuse("--grid \"" + text + "\" names one value twice: " + axis.values[j] + " and " + axis.values[i] +
                       " are the same.");
            }
        }
    }
    return axis;
}

std::vector<std::uint64_t> parseSeeds(const std::string& text)
{
    auto seeds = config::parseSeeds(text);
    if (!seeds) {
        refuse("--seeds \"" + text + "\": " + seeds.failure().what, seeds.failure().hint);
    }
    return *std::move(seeds);
}

config::Plan makePlan(const config::Experiment& file, const FieldSets& sets, const std::vector<config::Axis>& axes,
                      const std::vector<std::uint64_t>& seeds)
{
    config::Plan plan{file, axes, {}, {}, seeds};
    apply(sets, plan);
    return plan;
}

void apply(const FieldSets& sets, config::Plan& plan)
{
    const bool variesMethod = std::any_of(plan.axes.begin(), plan.axes.end(),
                                          [](const config::Axis& axis) { return axis.field == config::kMethodByName; });
    requireNotVaried(sets, plan);
    if (!variesMethod) {
        apply(sets, plan.base);
        for (const auto& [name, value] : sets.fields) { // held against an axis of methods that has ended
            const std::string field = config::resolveField(name).value();
            std::erase_if(plan.fixed, [&](const auto& held) { return held.first == field; });
        }
        return;
    }
    if (sets.method) {
        refuse("--grid and --set both name the method.", "Leave out the --set.");
    }
    for (const auto& [name, value] : sets.fields) {
        const std::string field = orThrow(config::resolveField(name), FailureKind::Usage);
        if (field == "name" || field == "group") { // of the experiment, not of a run
            orThrow(config::setField(plan.base, field, value), FailureKind::Usage);
            continue;
        }
        const auto held = std::find_if(plan.fixed.begin(), plan.fixed.end(),
                                       [&](const auto& before) { return before.first == field; });
        if (held == plan.fixed.end()) {
            plan.fixed.emplace_back(field, value);
        } else {
            held->second = value;
        }
    }
}

std::string sweepName(const std::string& given, const config::Plan& plan, const std::string& otherwise)
{
    for (const std::string& name : {given, plan.base.group, plan.base.name}) {
        if (!name.empty()) {
            return name;
        }
    }
    return otherwise;
}

} // namespace dskd::cli
