#include "core/jobs/experiment_repair.h"

#include "core/base/atomic_file.h"
#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiments.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/run_origin.h"
#include "core/store/chosen_names.h"
#include "core/store/experiment_table.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <utility>

namespace dskd::jobs
{
namespace
{

constexpr std::size_t kMostCombinations = 10'000; // of a plan that is guessed: names may hold anything

// "space" and "dual" of "space=dual"; empty where some word of the name is not of this form.
config::AxisValues valuesIn(const std::string& name)
{
    config::AxisValues values;
    std::istringstream words(name);
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        if (equals == std::string::npos) {
            return {};
        }
        values.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    return values;
}

bool hasValue(const config::Experiment& run, const std::string& path, const std::string& value)
{
    config::Experiment set = run;
    return config::setField(set, path, value) && config::fieldValue(set, path) == config::fieldValue(run, path);
}

// The full path of a field whose last part stands in the names ("lr"): the one that has in each run the value that its
// name says. Empty: none has.
std::string fieldOf(const std::string& word, const std::vector<config::Experiment>& runs,
                    const std::vector<config::AxisValues>& names)
{
    if (word == config::kMethodByName) {
        return word;
    }
    for (const config::FieldInfo& info : config::fieldReference()) {
        bool fits = info.path == word || config::lastPart(info.path) == word;
        for (std::size_t i = 0; fits && i < runs.size(); ++i) {
            for (const auto& [field, value] : names[i]) {
                fits = fits && (field != word || hasValue(runs[i], info.path, value));
            }
        }
        if (fits) {
            return info.path;
        }
    }
    return {};
}

// The values in the names of the runs, by full paths; empty where one has none.
std::vector<config::AxisValues> valuesOf(const std::vector<config::Experiment>& runs)
{
    std::vector<config::AxisValues> names;
    names.reserve(runs.size());
    for (const config::Experiment& run : runs) {
        names.push_back(valuesIn(run.name));
        if (names.back().empty()) {
            return {};
        }
    }
    std::map<std::string, std::string> paths; // by what stands in the names
    std::vector<config::AxisValues> values = names;
    for (config::AxisValues& run : values) {
        for (auto& [field, value] : run) {
            if (!paths.contains(field)) {
                paths[field] = fieldOf(field, runs, names);
            }
            field = paths[field];
            if (field.empty()) {
                return {};
            }
        }
    }
    return values;
}

// Axes with the values as they first come; in the order of the name that has most, which leaves none out.
std::vector<config::Axis> axesOf(const std::vector<config::AxisValues>& runs)
{
    const auto most =
        std::max_element(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
    std::vector<config::Axis> axes;
    for (const auto& [field, value] : *most) {
        axes.push_back({field, {}});
    }
    for (const config::AxisValues& run : runs) {
        for (const auto& [field, value] : run) {
            const std::string& wanted = field;
            const auto axis = std::find_if(axes.begin(), axes.end(),
                                           [&](const config::Axis& known) { return known.field == wanted; });
            if (axis == axes.end()) {
                return {};
            }
            if (std::find(axis->values.begin(), axis->values.end(), value) == axis->values.end()) {
                axis->values.push_back(value);
            }
        }
    }
    return axes;
}

std::size_t numCombinations(const std::vector<config::Axis>& axes)
{
    std::size_t number = 1;
    for (const config::Axis& axis : axes) {
        number = std::min(kMostCombinations + 1, number * axis.values.size());
    }
    return number;
}

using RunNames = std::map<std::pair<std::string, std::uint64_t>, std::string>; // by configHash and seed

RunNames namesOf(const std::vector<config::Experiment>& runs)
{
    RunNames names;
    for (const config::Experiment& run : runs) {
        names[{configHash(run), run.seed}] = run.name;
    }
    return names;
}

// An experiment that workspace.db does not have.
struct LostExperiment {
    std::string name;                                             // that the newest of its runs keeps
    std::pair<std::int64_t, std::string> newest;                  // that run: its revision and id
    std::map<std::int64_t, std::string> plans;                    // by revision
    std::vector<std::pair<const TakenUpRun*, std::int64_t>> runs; // with their revision
};

class Restorer
{
public:
    Restorer(store::WorkspaceDb& workspace, Repair& repair)
        : m_workspace(workspace), m_table(workspace), m_repair(repair)
    {
    }

    void work(const std::vector<TakenUpRun>& runs)
    {
        std::map<std::pair<std::int64_t, double>, LostExperiment> lost; // by id and time
        std::map<std::string, std::vector<const TakenUpRun*>> groups;   // of those that keep nothing
        for (const TakenUpRun& run : runs) {
            const auto kept = readOrigin(run.folder);
            if (!kept) {
                m_repair.left.push_back(kept.failure().text());
            } else if (const std::optional<KeptOrigin>& origin = *kept) {
                LostExperiment& one = lost[{origin->experiment, origin->created}];
                const std::pair<std::int64_t, std::string> age(origin->revision, run.id);
                if (one.runs.empty() || one.newest < age) {
                    one.name = origin->name;
                    one.newest = age;
                }
                one.plans[origin->revision] = origin->plan;
                one.runs.emplace_back(&run, origin->revision);
            } else if (const auto experiment = runConfig(run.folder);
                       experiment && experiment->job == config::JobKind::Train && !experiment->group.empty()) {
                groups[experiment->group].push_back(&run);
            }
        }
        for (const auto& [key, one] : lost) {
            restore(one, stillThere(key.first, key.second));
        }
        for (const auto& [group, members] : groups) {
            restoreGroup(group, members);
        }
    }

private:
    // The experiment of this id and time: a run was lost or copied, and workspace.db was not.
    std::optional<std::int64_t> stillThere(std::int64_t id, double created)
    {
        const std::vector<store::ExperimentRow> all = m_table.all();
        const bool isThere = std::any_of(all.begin(), all.end(), [&](const store::ExperimentRow& row) {
            return row.id == id && row.created == created;
        });
        return isThere ? std::optional(id) : std::nullopt;
    }

    void restoreGroup(const std::string& group, const std::vector<const TakenUpRun*>& members)
    {
        std::vector<config::Experiment> configurations;
        configurations.reserve(members.size());
        for (const TakenUpRun* run : members) {
            if (auto experiment = runConfig(run->folder)) {
                configurations.push_back(*std::move(experiment));
            }
        }
        const std::optional<config::Plan> plan = planOfGroup(group, configurations);
        if (!plan || store::usableName(group) != group || m_table.freeName(group) != group) {
            return; // placeRuns finds or makes one for each configuration
        }
        LostExperiment one;
        one.name = group;
        one.plans[1] = config::toText(*plan);
        for (const TakenUpRun* run : members) {
            one.runs.emplace_back(run, 1);
        }
        restore(one, std::nullopt);
    }

    void restore(const LostExperiment& one, std::optional<std::int64_t> id)
    {
        for (const auto& [revision, plan] : one.plans) { // all of them before any is made
            if (const auto readable = config::parsePlan(plan, m_workspace.layout().root); !readable) {
                m_repair.left.push_back("The experiment " + one.name +
                                        " cannot be made again: " + readable.failure().text());
                return;
            }
        }
        std::map<std::int64_t, std::int64_t> numbers; // of the revisions, as they were and as they are
        for (const auto& [revision, plan] : one.plans) {
            const auto number = addRevision(one.name, revision, plan, id);
            if (!number) {
                m_repair.left.push_back("The experiment " + one.name +
                                        " cannot be made again: " + number.failure().text());
                return;
            }
            numbers[revision] = *number;
        }
        for (const auto& [run, revision] : one.runs) {
            if (const auto placed = m_table.place({run->id}, *id, numbers[revision]); !placed) {
                m_repair.left.push_back(placed.failure().text());
                return;
            }
        }
        const auto row = m_table.find("#" + std::to_string(*id));
        if (!row) {
            m_repair.left.push_back(row.failure().text());
            return;
        }
        for (const auto& [run, revision] : one.runs) { // so that it is found again after the next loss
            const KeptOrigin kept{*id, row->created, numbers[revision], row->name, one.plans.at(revision)};
            if (const auto written = writeFileAtomically(run->folder.origin(), toText(kept)); !written) {
                m_repair.left.push_back(written.failure().text());
            }
        }
        m_repair.done.push_back("The experiment " + row->name + " has its " +
                                text::counted(static_cast<std::int64_t>(one.runs.size()), "run") + " again.");
    }

    // The number that the revision has now; makes the experiment where `id` is none yet.
    Result<std::int64_t> addRevision(const std::string& name, std::int64_t revision, const std::string& plan,
                                     std::optional<std::int64_t>& id)
    {
        if (!id) {
            const auto added = m_table.add(m_table.freeName(store::usableName(name)), plan);
            if (!added) {
                return added.failure();
            }
            id = *added;
            return std::int64_t{1};
        }
        const auto known = m_table.revision(*id, revision);
        return known && known->plan == plan ? Result<std::int64_t>(revision) : m_table.revise(*id, plan);
    }

    store::WorkspaceDb& m_workspace;
    store::ExperimentTable m_table;
    Repair& m_repair;
};

} // namespace

std::optional<config::Plan> planOfGroup(const std::string& group, const std::vector<config::Experiment>& runs)
{
    const std::vector<config::AxisValues> values = valuesOf(runs);
    if (values.empty()) {
        return std::nullopt;
    }
    std::set<std::uint64_t> seeds;
    for (const config::Experiment& run : runs) {
        seeds.insert(run.seed);
    }
    config::Plan plan;
    plan.base = runs.front();
    plan.base.name.clear();
    plan.base.group.clear();
    plan.axes = axesOf(values);
    plan.seeds.assign(seeds.begin(), seeds.end());
    if (plan.axes.empty() || numCombinations(plan.axes) * plan.seeds.size() > kMostCombinations) {
        return std::nullopt;
    }
    const RunNames wanted = namesOf(runs);
    const auto all = config::expand(plan);
    if (!all) {
        return std::nullopt;
    }
    std::map<config::AxisValues, bool> isRun; // whether some seed of the combination is there
    std::map<config::AxisValues, std::vector<config::AxisValues>> same;
    for (const config::PlannedRun& planned : *all) {
        bool& isThere = isRun[planned.values];
        isThere = isThere || wanted.contains({configHash(planned.experiment), planned.experiment.seed});
        same[planned.values] = planned.same;
    }
    for (const auto& [combination, isThere] : isRun) {
        if (!isThere) {
            plan.excluded.emplace_back(combination.begin(), combination.end());
            for (const config::AxisValues& other : same[combination]) {
                plan.excluded.emplace_back(other.begin(), other.end());
            }
        }
    }
    const auto planned = plannedRuns(group, plan);
    if (!planned) {
        return std::nullopt;
    }
    const RunNames made = namesOf(*planned);
    const bool isWhole = std::all_of(wanted.begin(), wanted.end(), [&](const auto& run) {
        const auto found = made.find(run.first);
        return found != made.end() && found->second == run.second;
    });
    return isWhole ? std::optional(std::move(plan)) : std::nullopt;
}

void restoreExperiments(store::WorkspaceDb& workspace, const std::vector<TakenUpRun>& runs, Repair& repair)
{
    Restorer(workspace, repair).work(runs);
}

} // namespace dskd::jobs
