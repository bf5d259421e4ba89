#include "core/jobs/compare.h"

#include "core/config/methods/method_table.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_facts.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/run_name.h"
#include "core/jobs/seed_runs.h"
#include "core/metrics/metric_table.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <span>

namespace dskd::jobs
{
namespace
{

bool isDone(const RunOutcome& run)
{
    return run.status == Status::Done;
}

bool isRunning(const RunOutcome& run)
{
    return isAlive(run.status);
}

// A value as people write it: without quotes, of a path only its end.
std::string shortValue(const std::string& json)
{
    const auto value = nlohmann::json::parse(json, nullptr, false);
    if (!value.is_string()) {
        return json;
    }
    const auto text = value.get<std::string>();
    const std::filesystem::path path(text);
    return path.is_absolute() && path.has_filename() ? path.filename().string() : text;
}

const std::string& field(const RunOutcome& outcome, const std::string& path)
{
    static const std::string none;
    const auto found = outcome.config.find(path);
    return found == outcome.config.end() ? none : found->second;
}

// How often a run looks at itself does not make it another experiment.
bool splitsGroups(const std::string& path)
{
    return decidesOutcome(path) && path != "validation.every" && path != "validation.generate_samples";
}

std::vector<std::string> differing(const std::vector<RunOutcome>& outcomes)
{
    std::vector<std::string> fields;
    for (const config::FieldInfo& info : config::fieldReference()) {
        if (!splitsGroups(info.path)) {
            continue;
        }
        std::set<std::string> seen;
        for (const RunOutcome& outcome : outcomes) {
            if (const std::string& value = field(outcome, info.path); !value.empty()) {
                seen.insert(value); // where a field has no effect, another field says why
            }
        }
        if (seen.size() > 1) {
            fields.push_back(info.path);
        }
    }
    return fields;
}

// The name that all runs of the group share, or nothing.
std::string sharedName(const OutcomeGroup& group)
{
    const std::string name = nameWithoutSeed(group.runs.front().name, group.runs.front().seed);
    const bool shared = std::all_of(group.runs.begin(), group.runs.end(),
                                    [&](const RunOutcome& run) { return nameWithoutSeed(run.name, run.seed) == name; });
    return shared ? name : std::string();
}

std::string fieldLabel(const RunOutcome& run, const std::vector<std::string>& fields)
{
    std::string label;
    for (const std::string& path : fields) {
        if (const std::string& value = field(run, path); !value.empty()) {
            label += (label.empty() ? "" : ", ") + config::shortField(path) + "=" + shortValue(value);
        }
    }
    return !label.empty() ? label : store::nameOrId(run.name, run.runId);
}

// Does the method's name say that the field has this value? Its own fields and the base fields always have theirs, but
// for the distance, which any method may be given; its paper's settings may have been changed.
bool settles(const config::NamedMethod& method, const std::string& path, const std::string& value)
{
    const auto of = [&](std::span<const config::FieldValue> fields, const auto& fits) {
        return std::any_of(fields.begin(), fields.end(),
                           [&](const config::FieldValue& own) { return own.first == path && fits(own); });
    };
    const auto always = [](const config::FieldValue&) { return true; };
    return of(method.settings, [&](const config::FieldValue& own) { return own.second == value; }) ||
           of(method.fields, always) || (path != "method.distance" && of(config::baseFields(), always));
}

// The run's method by its name and what differs besides ("dskd-cma, distance=rkl"); empty where the run has no named
// method, or where a single field tells the groups apart as well.
std::string methodLabel(const RunOutcome& run, const std::vector<std::string>& fields)
{
    const auto method = config::findMethod(run.method);
    if (!method) {
        return {};
    }
    std::vector<std::string> others;
    std::copy_if(fields.begin(), fields.end(), std::back_inserter(others),
                 [&](const std::string& path) { return !settles(**method, path, shortValue(field(run, path))); });
    if (others.size() + 1 >= fields.size()) {
        return {}; // "space=dual"
    }
    const bool blank =
        std::all_of(others.begin(), others.end(), [&](const std::string& path) { return field(run, path).empty(); });
    return run.method + (blank ? "" : ", " + fieldLabel(run, others));
}

void label(Comparison& comparison)
{
    std::vector<std::string> names;
    for (const OutcomeGroup& group : comparison.groups) {
        names.push_back(sharedName(group));
    }
    for (std::size_t g = 0; g < names.size(); ++g) {
        if (names[g].empty() || std::count(names.begin(), names.end(), names[g]) > 1) {
            comparison.groups[g].label = methodLabel(comparison.groups[g].runs.front(), comparison.differingFields);
        }
    }
    std::vector<std::string> methods;
    for (const OutcomeGroup& group : comparison.groups) {
        methods.push_back(group.label);
    }
    for (std::size_t g = 0; g < names.size(); ++g) {
        OutcomeGroup& group = comparison.groups[g];
        const bool ofName = !names[g].empty() && std::count(names.begin(), names.end(), names[g]) == 1;
        const bool ofMethod = !methods[g].empty() && std::count(methods.begin(), methods.end(), methods[g]) == 1;
        group.label = ofName     ? names[g]
                      : ofMethod ? methods[g]
                                 : fieldLabel(group.runs.front(), comparison.differingFields);
    }
}

std::vector<SeedRun> seedRuns(const OutcomeGroup& group)
{
    std::vector<SeedRun> runs;
    for (const RunOutcome& run : group.runs) {
        runs.push_back({run.seed, isDone(run)});
    }
    return runs;
}

void average(OutcomeGroup& group, const std::vector<std::string>& metrics)
{
    const std::vector<SeedRun> runs = seedRuns(group);
    const std::vector<std::size_t> places = oneRunOfEachSeed(runs);
    const std::vector<std::size_t> counted = countedRuns(runs);
    group.seeds = static_cast<int>(places.size());
    group.done = static_cast<int>(
        std::count_if(places.begin(), places.end(), [&](std::size_t place) { return isDone(group.runs[place]); }));
    group.running = static_cast<int>(std::count_if(group.runs.begin(), group.runs.end(), isRunning));
    for (const std::string& metric : metrics) {
        if (metric == metrics::kSeconds && group.done == 0) {
            continue; // the time so far is not the time that it takes
        }
        std::vector<double> values;
        for (const std::size_t place : counted) {
            const auto& known = group.runs[place].values;
            if (const auto value = known.find(metric); value != known.end()) {
                values.push_back(value->second);
            }
        }
        if (!values.empty()) {
            group.values[metric] = summarize(values);
        }
    }
}

std::vector<std::string> differingFacts(const std::vector<RunOutcome>& outcomes)
{
    std::vector<std::string> facts;
    for (const RunFact& fact : runFacts()) {
        std::set<std::string> seen;
        for (const RunOutcome& outcome : outcomes) {
            if (const auto value = outcome.facts.find(std::string(fact.id)); value != outcome.facts.end()) {
                seen.insert(value->second);
            }
        }
        if (seen.size() > 1) {
            facts.emplace_back(fact.id);
        }
    }
    return facts;
}

} // namespace

Summary summarize(const std::vector<double>& values)
{
    Summary summary;
    summary.count = static_cast<int>(values.size());
    if (values.empty()) {
        return summary;
    }
    for (const double value : values) {
        summary.mean += value;
    }
    summary.mean /= summary.count;
    if (summary.count > 1) {
        double squares = 0.0;
        for (const double value : values) {
            squares += (value - summary.mean) * (value - summary.mean);
        }
        summary.deviation = std::sqrt(squares / (summary.count - 1));
    }
    return summary;
}

std::vector<const RunOutcome*> countedRuns(const OutcomeGroup& group)
{
    const std::vector<std::size_t> places = countedRuns(seedRuns(group));
    std::vector<const RunOutcome*> runs;
    runs.reserve(places.size());
    for (const std::size_t place : places) {
        runs.push_back(&group.runs[place]);
    }
    return runs;
}

bool isCounted(const OutcomeGroup& group, const RunOutcome& run)
{
    const std::vector<const RunOutcome*> runs = countedRuns(group);
    return std::any_of(runs.begin(), runs.end(),
                       [&](const RunOutcome* counted) { return counted->runId == run.runId; });
}

std::string comparableKey(const config::Experiment& run, std::string_view metric)
{
    if (metrics::isCost(metric)) {
        return {};
    }
    const bool trains = run.job == config::JobKind::Train;
    std::string key = trains ? run.data.validation + "\n" + std::to_string(run.data.validationLimit)
                             : run.evaluate.data + "\n" + std::to_string(run.evaluate.limit);
    if (metrics::isPerToken(metric)) {
        const std::string& model = run.student.model;
        key += "\n" + std::string(config::name(run.data.lossOn)) + "\n" + model + "\n" +
               (run.student.tokenizer.empty() ? model : run.student.tokenizer);
    }
    return key;
}

std::string comparableKey(const OutcomeGroup& group, std::string_view metric)
{
    return group.runs.empty() ? std::string() : comparableKey(group.runs.front().experiment, metric);
}

std::string groupKey(const config::Experiment& experiment)
{
    std::string key;
    for (const auto& [path, value] : fieldsWithEffect(experiment)) {
        if (splitsGroups(path)) {
            key += path + "=" + value + "\n";
        }
    }
    return key;
}

Comparison compareOutcomes(std::vector<RunOutcome> outcomes)
{
    for (RunOutcome& outcome : outcomes) {
        outcome.config = fieldsWithEffect(outcome.experiment);
    }
    Comparison comparison;
    comparison.differingFields = differing(outcomes);
    comparison.differingFacts = differingFacts(outcomes);
    std::map<std::vector<std::string>, std::size_t> places; // values of the differing fields -> group
    std::set<std::string> metrics;
    for (RunOutcome& outcome : outcomes) {
        std::vector<std::string> key;
        for (const std::string& path : comparison.differingFields) {
            key.push_back(field(outcome, path));
        }
        for (const auto& [metric, value] : outcome.values) {
            metrics.insert(metric);
        }
        const auto [place, isNew] = places.try_emplace(key, comparison.groups.size());
        if (isNew) {
            comparison.groups.emplace_back();
        }
        comparison.groups[place->second].runs.push_back(std::move(outcome));
    }
    label(comparison);
    for (OutcomeGroup& group : comparison.groups) {
        average(group, {metrics.begin(), metrics.end()});
    }
    const auto noGroupHas = [&](const std::string& metric) {
        return std::none_of(comparison.groups.begin(), comparison.groups.end(),
                            [&](const OutcomeGroup& group) { return group.values.contains(metric); });
    };
    std::erase_if(metrics, noGroupHas);
    comparison.metrics.assign(metrics.begin(), metrics.end());
    return comparison;
}

Result<Comparison> compareRuns(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds)
{
    std::vector<RunOutcome> outcomes;
    std::vector<UnreadRun> leftOut;
    for (const std::string& id : runIds) {
        if (const Result<store::RunRow> known = workspace.run(id); !known) {
            return known.failure();
        }
        try {
            outcomes.push_back(readOutcome(workspace, id).value());
        } catch (const Error& error) {
            leftOut.push_back({id, error.failure()});
        }
    }
    if (outcomes.empty() && !leftOut.empty()) {
        return leftOut.front().why;
    }
    Comparison comparison = compareOutcomes(std::move(outcomes));
    comparison.leftOut = std::move(leftOut);
    comparison.scores = answerScores(workspace.layout());
    return comparison;
}

Result<std::size_t> findGroup(const Comparison& comparison, const std::string& text)
{
    const auto place = [&](const auto& fits) -> std::optional<std::size_t> {
        const auto found = std::find_if(comparison.groups.begin(), comparison.groups.end(), fits);
        return found == comparison.groups.end()
                   ? std::nullopt
                   : std::optional(static_cast<std::size_t>(found - comparison.groups.begin()));
    };
    const auto hasRun = [&](const auto& fits) {
        return place(
            [&](const OutcomeGroup& group) { return std::any_of(group.runs.begin(), group.runs.end(), fits); });
    };
    if (const auto labelled = place([&](const OutcomeGroup& group) { return group.label == text; })) {
        return *labelled;
    }
    if (const auto byId = hasRun([&](const RunOutcome& run) { return run.runId == text; })) {
        return *byId;
    }
    if (const auto byName = hasRun([&](const RunOutcome& run) { return run.name == text; })) {
        return *byName;
    }
    std::string labels;
    for (const OutcomeGroup& group : comparison.groups) {
        labels += (labels.empty() ? "" : ", ") + group.label;
    }
    return Failure{"Nothing that is compared is called \"" + text + "\".", "There is: " + labels + ".",
                   FailureKind::NotFound};
}

} // namespace dskd::jobs
