// A matrix of what a workspace holds.

#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiments.h"
#include "core/jobs/matrix.h"
#include "core/jobs/matrix_axes.h"
#include "core/jobs/plan_progress.h"
#include "core/store/experiment_table.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace dskd::jobs
{
namespace
{

// The exclusion with its values as an axis has them: "1e-3" is 0.001 there. Nothing where it names a value that the
// field does not take: it leaves nothing out.
std::optional<LeftOutValues> valuesOf(const config::Exclusion& exclusion, const config::Experiment& base)
{
    LeftOutValues values;
    for (const auto& [field, value] : exclusion) {
        config::Experiment one = base;
        if (!config::setField(one, field, value)) {
            return std::nullopt;
        }
        values[field] = field == config::kMethodByName
                            ? value // an id; the distance of the base is none that the exclusion names
                            : writtenValue(one, field, MethodWords::WithDistance);
    }
    return values;
}

// `runs`: those in use.
Result<void> addPlan(store::WorkspaceDb& workspace, const store::ExperimentRow& experiment,
                     const std::vector<store::RunRow>& runs, MatrixInput& input)
{
    const auto plan = planOf(workspace, experiment);
    if (!plan) {
        return plan.failure();
    }
    auto planned = plannedRuns(experiment.name, *plan);
    if (!planned) {
        return planned.failure();
    }
    auto state = readPlanState(workspace, experiment, runs);
    if (!state) {
        return state.failure();
    }
    for (const config::Axis& axis : plan->axes) {
        if (std::find(input.axes.begin(), input.axes.end(), axis.field) == input.axes.end()) {
            input.axes.push_back(axis.field);
        }
    }
    for (const config::Exclusion& exclusion : plan->excluded) {
        if (auto values = valuesOf(exclusion, plan->base)) {
            input.excluded.push_back(*std::move(values));
        }
    }
    for (config::Experiment& run : *planned) {
        input.planned.push_back(std::move(run));
    }
    for (PlanEntry& entry : state->entries) {
        if (entry.made.empty()) {
            input.missing.push_back({experiment.id, std::move(entry.run)});
        }
    }
    const std::set<std::string> unplanned(state->others.begin(), state->others.end());
    for (const store::RunRow& run : runs) {
        if (unplanned.contains(run.id) && run.revision && *run.revision < experiment.revision) {
            input.former.emplace(run.id, *run.revision);
        }
    }
    return {};
}

// The ids of the runs of former revisions, where others stay without them.
std::vector<std::string> formerBesideOthers(const MatrixInput& input)
{
    std::vector<std::string> ids;
    for (const RunOutcome& run : input.outcomes) {
        if (input.former.contains(run.runId)) {
            ids.push_back(run.runId);
        }
    }
    return ids.size() == input.outcomes.size() ? std::vector<std::string>() : ids;
}

} // namespace

Result<Matrix> readMatrix(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds,
                          const std::vector<std::int64_t>& experiments, const MatrixRequest& request,
                          const std::atomic<bool>* cancelled)
{
    const auto stopped = [cancelled] { return cancelled != nullptr && *cancelled; };
    const Failure whyStopped{"Reading the matrix was cancelled.", {}};
    MatrixInput input;
    std::set<std::int64_t> wanted(experiments.begin(), experiments.end());
    std::vector<UnreadRun> leftOut;
    for (const std::string& id : runIds) {
        if (stopped()) {
            return whyStopped;
        }
        const Result<store::RunRow> run = workspace.run(id);
        if (!run) {
            return run.failure();
        }
        if (run->experiment) {
            wanted.insert(*run->experiment);
        }
        try {
            input.outcomes.push_back(readOutcome(workspace, id).value());
        } catch (const Error& error) {
            leftOut.push_back({id, error.failure()});
        }
    }
    std::vector<Failure> unreadPlans;
    const auto inUse = wanted.empty() ? std::vector<store::RunRow>() : workspace.runs();
    for (const store::ExperimentRow& experiment : store::ExperimentTable(workspace).all()) {
        if (stopped()) {
            return whyStopped;
        }
        if (!wanted.contains(experiment.id)) {
            continue;
        }
        if (const Result<void> added = addPlan(workspace, experiment, inUse, input); !added) {
            unreadPlans.push_back({"What " + experiment.name + " plans is not known: " + added.failure().what,
                                   added.failure().hint, added.failure().kind});
        }
    }
    if (input.outcomes.empty() && input.missing.empty() && !(leftOut.empty() && unreadPlans.empty())) {
        return leftOut.empty() ? unreadPlans.front() : leftOut.front().why;
    }
    std::vector<std::string> formerRuns = wanted.size() == 1 ? formerBesideOthers(input) : std::vector<std::string>();
    const bool formerCanBeLeftOut = !formerRuns.empty();
    if (request.revisions == Revisions::Newest && formerCanBeLeftOut) {
        std::erase_if(input.outcomes, [&](const RunOutcome& run) { return input.former.contains(run.runId); });
    } else {
        formerRuns.clear(); // they are shown
    }
    input.scores = [read = answerScores(workspace.layout()), stopped](const std::string& runId,
                                                                      const std::string& metric) {
        return stopped() ? SampleScores() : read(runId, metric);
    };
    auto matrix = makeMatrix(std::move(input), request);
    if (stopped()) { // perhaps without the answers that its tests are of
        return whyStopped;
    }
    if (matrix) {
        matrix->leftOut = std::move(leftOut);
        matrix->formerCanBeLeftOut = formerCanBeLeftOut;
        matrix->formerRuns = std::move(formerRuns);
        matrix->unreadPlans = std::move(unreadPlans);
    }
    return matrix;
}

} // namespace dskd::jobs
