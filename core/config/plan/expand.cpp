#include "core/config/methods/method_table.h"
#include "core/config/plan/plan.h"
#include "core/config/schema/experiment_json.h"

#include <algorithm>

namespace dskd::config
{
namespace
{

Failure refused(const std::string& what, const std::string& hint = {})
{
    return {what, hint, FailureKind::Usage};
}

Result<void> checkAxes(const Plan& plan)
{
    for (auto axis = plan.axes.begin(); axis != plan.axes.end(); ++axis) {
        if (axis->values.empty()) {
            return refused("The axis " + axis->field + " has no values.", "Remove it, or give it some.");
        }
        if (std::any_of(plan.axes.begin(), axis, [&](const Axis& before) { return before.field == axis->field; })) {
            return refused("Two axes vary " + axis->field + ".", "Give all its values in one.");
        }
        if (axis->field == "seed" && !plan.seeds.empty()) {
            return refused("An axis and the list of seeds both vary the seed.", "Give the seeds in the list alone.");
        }
        if (axis->field == "name" || axis->field == "group") {
            return refused("An axis cannot vary the " + axis->field + ": runs are named by their values, in one group.",
                           "Vary another field.");
        }
    }
    return {};
}

bool fits(const Exclusion& exclusion, const PlannedRun& run)
{
    return std::all_of(exclusion.begin(), exclusion.end(), [&](const auto& value) {
        return std::any_of(run.values.begin(), run.values.end(),
                           [&](const auto& own) { return own.first == value.first && own.second == value.second; });
    });
}

Result<void> set(PlannedRun& run, const std::string& field, const std::string& value)
{
    run.values.emplace_back(field, value);
    Result<void> done = setField(run.experiment, field, value);
    return done ? done : Result<void>(refused(done.failure().what, done.failure().hint));
}

// Every run with every value of the axis.
Result<std::vector<PlannedRun>> widened(const std::vector<PlannedRun>& runs, const Axis& axis)
{
    std::vector<PlannedRun> wider;
    for (const PlannedRun& run : runs) {
        for (const std::string& value : axis.values) {
            if (const auto done = set(wider.emplace_back(run), axis.field, value); !done) {
                return done.failure();
            }
        }
    }
    return wider;
}

Result<std::vector<PlannedRun>> combinations(const Plan& plan)
{
    std::vector<PlannedRun> runs{{plan.base, {}}};
    const auto methods =
        std::find_if(plan.axes.begin(), plan.axes.end(), [](const Axis& axis) { return axis.field == kMethodByName; });
    if (methods != plan.axes.end()) {
        auto wider = widened(runs, *methods);
        if (!wider) {
            return wider.failure();
        }
        runs = *std::move(wider);
    }
    for (PlannedRun& run : runs) {
        for (const auto& [field, value] : plan.fixed) {
            if (const auto done = setField(run.experiment, field, value); !done) {
                return refused(done.failure().what, done.failure().hint);
            }
        }
    }
    for (const Axis& axis : plan.axes) {
        if (axis.field == kMethodByName) {
            continue;
        }
        auto wider = widened(runs, axis);
        if (!wider) {
            return wider.failure();
        }
        runs = *std::move(wider);
    }
    return runs;
}

std::string exclusionText(const Exclusion& exclusion)
{
    std::string text;
    for (const auto& [field, value] : exclusion) {
        text += (text.empty() ? "" : " ") + field + "=" + value;
    }
    return text;
}

} // namespace

Result<std::vector<PlannedRun>> expand(const Plan& plan)
{
    if (const auto checked = checkAxes(plan); !checked) {
        return checked.failure();
    }
    auto all = combinations(plan);
    if (!all) {
        return all.failure();
    }
    for (const Exclusion& exclusion : plan.excluded) {
        if (std::none_of(all->begin(), all->end(), [&](const PlannedRun& run) { return fits(exclusion, run); })) {
            return refused("The exclusion \"" + exclusionText(exclusion) + "\" fits no combination.",
                           "Name fields and values of the axes.");
        }
    }
    std::vector<PlannedRun> runs;
    for (const PlannedRun& run : *all) {
        if (std::any_of(plan.excluded.begin(), plan.excluded.end(),
                        [&](const Exclusion& exclusion) { return fits(exclusion, run); })) {
            continue;
        }
        if (const auto problems = validate(run.experiment); !problems.empty()) {
            const std::string name = valuesText(run);
            return name.empty() ? refused(problems.front().what)
                                : refused("The combination \"" + name + "\" cannot run: " + problems.front().what,
                                          "Leave it out of the grid, or change the base configuration.");
        }
        const std::vector<std::uint64_t> own{run.experiment.seed};
        for (const std::uint64_t seed : plan.seeds.empty() ? own : plan.seeds) {
            runs.push_back(run);
            runs.back().experiment.seed = seed;
        }
    }
    if (runs.empty()) {
        return refused("Every combination is excluded.", "Remove an exclusion.");
    }
    return runs;
}

std::string valuesText(const PlannedRun& run)
{
    std::string text;
    for (const auto& [field, value] : run.values) {
        const std::string last(lastPart(field));
        const auto alike = std::count_if(run.values.begin(), run.values.end(),
                                         [&](const auto& other) { return lastPart(other.first) == last; });
        text += (text.empty() ? "" : " ") + (alike > 1 ? field : last) + "=" + value;
    }
    return text;
}

} // namespace dskd::config
