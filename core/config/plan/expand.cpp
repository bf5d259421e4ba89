#include "core/config/methods/field_use.h"
#include "core/config/methods/method_table.h"
#include "core/config/plan/plan.h"
#include "core/config/schema/experiment_json.h"
#include "core/config/schema/fields.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <utility>

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
    for (auto seed = plan.seeds.begin(); seed != plan.seeds.end(); ++seed) {
        if (std::find(plan.seeds.begin(), seed, *seed) != seed) {
            return refused("The seed " + std::to_string(*seed) + " is listed twice.", "Give each seed once.");
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

bool hasEffect(const Experiment& experiment, const std::string& field)
{
    return whyUnused(experiment, field).empty();
}

// What tells the combinations of a plan apart: the values of fields that have an effect.
class EffectOf
{
public:
    explicit EffectOf(const Plan& plan)
    {
        for (const Axis& axis : plan.axes) {
            if (axis.field == kMethodByName) {
                m_variesMethods = true;
            } else if (const auto path = resolveField(axis.field)) {
                m_varied.insert(*path);
            }
        }
    }

    // Equal for combinations that are the same run.
    [[nodiscard]] std::string operator()(const Experiment& experiment) const
    {
        const bool allCount = std::all_of(m_varied.begin(), m_varied.end(),
                                          [&](const std::string& field) { return hasEffect(experiment, field); });
        const bool onlyVaried = allCount && !m_variesMethods; // the other fields are equal and need no comparison
        std::string effect = onlyVaried ? "varied\n" : "all\n";
        for (const Field& field : fields()) {
            const std::string& path = field.info.path;
            if (onlyVaried ? m_varied.contains(path) : hasEffect(experiment, path)) {
                effect += path + "=" + field.read(experiment).dump() + "\n";
            }
        }
        return effect;
    }

private:
    std::set<std::string> m_varied; // full paths
    bool m_variesMethods = false;   // a method sets any of the fields
};

} // namespace

std::string exclusionText(const Exclusion& exclusion)
{
    std::string text;
    for (const auto& [field, value] : exclusion) {
        text += (text.empty() ? "" : " ") + field + "=" + value;
    }
    return text;
}

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
    const EffectOf effectOf(plan);
    std::map<std::string, std::size_t> places; // by effect
    std::vector<PlannedRun> once;              // without their seeds
    for (PlannedRun& run : *all) {
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
        const auto [place, isNew] = places.try_emplace(effectOf(run.experiment), once.size());
        if (isNew) {
            once.push_back(std::move(run));
        } else {
            once[place->second].same.push_back(std::move(run.values));
        }
    }
    if (once.empty()) {
        return refused("Every combination is excluded.", "Remove an exclusion.");
    }
    if (plan.seeds.empty()) {
        return once;
    }
    std::vector<PlannedRun> runs;
    runs.reserve(once.size() * plan.seeds.size());
    for (const PlannedRun& run : once) {
        for (const std::uint64_t seed : plan.seeds) {
            runs.push_back(run);
            runs.back().experiment.seed = seed;
        }
    }
    return runs;
}

std::size_t numCells(const std::vector<PlannedRun>& runs)
{
    return std::accumulate(runs.begin(), runs.end(), runs.size(),
                           [](std::size_t sum, const PlannedRun& run) { return sum + run.same.size(); });
}

std::string valuesText(const PlannedRun& run)
{
    std::string text;
    for (const auto& [field, value] : run.values) {
        if (!run.same.empty() && !hasEffect(run.experiment, field)) {
            continue;
        }
        const std::string last(lastPart(field));
        const auto alike = std::count_if(run.values.begin(), run.values.end(),
                                         [&](const auto& other) { return lastPart(other.first) == last; });
        text += (text.empty() ? "" : " ") + (alike > 1 ? field : last) + "=" + value;
    }
    return text;
}

} // namespace dskd::config
