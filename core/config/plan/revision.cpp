#include "core/config/plan/revision.h"

#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/config/schema/fields.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace dskd::config
{
namespace
{

// The full path; of an axis of methods, and of what is no field, the name itself.
std::string pathOf(const std::string& field)
{
    const auto path = field == kMethodByName ? Result<std::string>(field) : resolveField(field);
    return path ? *path : field;
}

bool varies(const Plan& plan, const std::string& path)
{
    return std::any_of(plan.axes.begin(), plan.axes.end(),
                       [&](const Axis& axis) { return pathOf(axis.field) == path; });
}

// Whether `plan` lists the one seed that all runs of `newest` have anyway, from the configuration.
bool isOwnSeedAlone(const Plan& newest, const Plan& plan)
{
    const auto sets = [](const auto& value) { return pathOf(value.first) == "seed"; };
    return newest.seeds.empty() && !varies(newest, "seed") &&
           std::none_of(newest.fixed.begin(), newest.fixed.end(), sets) && plan.base.seed == newest.base.seed &&
           plan.seeds == std::vector{newest.base.seed};
}

// The configuration with the values that hold whatever the method is: in another order they are the same.
std::string configurationOf(const Plan& plan)
{
    Experiment own = plan.base;
    for (const auto& [field, value] : plan.fixed) {
        (void)setField(own, field, value); // what it refuses, expand() refuses too
    }
    return toText(own);
}

} // namespace

std::optional<Plan> revisionAfter(const Plan& newest, Plan plan)
{
    plan.base.name = newest.base.name;
    plan.base.group = newest.base.group;
    if (!plan.seeds.empty() && !newest.seeds.empty()) {
        plan.base.seed = newest.base.seed;
    }
    if (isOwnSeedAlone(newest, plan)) {
        plan.seeds.clear();
    }
    for (const Axis& axis : newest.axes) {
        const std::string path = pathOf(axis.field);
        if (const Field* field = findField(path); field != nullptr && varies(plan, path)) {
            (void)field->write(plan.base, field->read(newest.base)); // a value of the same field
        }
    }
    const bool isSame = plan.axes == newest.axes && plan.seeds == newest.seeds &&
                        configurationOf(plan) == configurationOf(newest) && changes(newest, plan).empty();
    return isSame ? std::nullopt : std::optional(std::move(plan));
}

} // namespace dskd::config
