#include "core/base/available_memory.h"
#include "core/config/methods/fidelity_differences.h"
#include "core/config/methods/field_use.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"
#include "core/preflight/check_context.h"
#include "core/preflight/memory_estimate.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace dskd::preflight
{

namespace
{

bool hasGpuDriver()
{
    std::error_code ignored;
    return std::filesystem::exists("/proc/driver/nvidia/version", ignored) ||
           std::filesystem::exists("/dev/dxg", ignored); // under Windows
}

// REQUIRES: the student's configuration was read.
MemoryEstimate estimateOf(const Context& context)
{
    const config::Experiment& experiment = context.experiment;
    const std::int64_t longest = context.longest > 0 ? context.longest : experiment.data.maxLength;
    return estimateMemory(experiment, *context.studentModel, context.teacherModel, experiment.train.batchSize * longest,
                          context.rows, context.probeTeacher);
}

} // namespace

Finding fromFailure(const std::string& topic, const std::string& headline, const std::string& field,
                    const Failure& failure)
{
    return {topic, Level::Problem, headline, failure.text(), field, {}};
}

void checkFields(Context& context)
{
    const config::Experiment& e = context.experiment;
    for (const config::Problem& problem : config::validate(e)) {
        const bool saidLater = (problem.field == "student.model" && e.student.model.empty()) ||
                               (problem.field == "teacher.model" && e.teacher.model.empty()) ||
                               (problem.field == "data.train" && e.data.train.empty());
        if (saidLater) { // by the check of that model or file
            continue;
        }
        context.report({"fields", Level::Problem, problem.field, problem.what, problem.field, {}});
    }
}

void checkUnused(Context& context)
{
    const config::Experiment& experiment = context.experiment;
    const config::Experiment defaults;
    std::set<std::string> wrong; // has been reported already
    for (const config::Problem& problem : config::validate(experiment)) {
        wrong.insert(problem.field);
    }
    std::map<std::string_view, std::string> fieldsByReason;
    for (const config::FieldInfo& field : config::fieldReference()) {
        if (wrong.contains(field.path)) {
            continue;
        }
        const std::string_view why = config::whyUnused(experiment, field.path);
        if (!why.empty() && config::fieldValue(experiment, field.path) != config::fieldValue(defaults, field.path)) {
            std::string& fields = fieldsByReason[why];
            fields += (fields.empty() ? "" : ", ") + field.path;
        }
    }
    std::string sentence;
    for (const auto& [why, fields] : fieldsByReason) {
        sentence += (sentence.empty() ? "" : " ") + fields + ": " + std::string(why);
    }
    if (!sentence.empty()) {
        context.report({"unused", Level::Note, "Set without effect", std::move(sentence), "", {}});
    }
}

void checkFidelity(Context& context)
{
    std::string list;
    for (const std::string& what : config::unknownToPublished(context.experiment)) {
        list += (list.empty() ? "" : ", ") + what;
    }
    if (!list.empty()) {
        const std::string fidelity(config::name(context.experiment.method.fidelity));
        context.report({"fidelity",
                        Level::Note,
                        "Beyond the published code",
                        "The published code of " + fidelity + " has no place for " + list +
                            "; there the papers' mathematics stays, and " + fidelity + " changes the rest.",
                        "method.fidelity",
                        {{"Follow the papers", {{"method.fidelity", "paper"}}}}});
    }
}

void checkMachine(Context& context)
{
    const config::Experiment& experiment = context.experiment;
    if (experiment.train.device == config::Device::Cuda && !hasGpuDriver()) {
        context.report(
            {"device",
             Level::Problem,
             "Device",
             "train.device is cuda, but no NVIDIA driver is loaded here; `dskd doctor` lists what is missing.",
             "train.device",
             {{"Let the run choose", {{"train.device", "auto"}}}}});
    }
    if (!context.studentModel) {
        return;
    }
    const MemoryEstimate memory = estimateOf(context);
    const std::uint64_t available = availableMemory();
    const bool fits = available == 0 || memory.total() < available;
    Finding finding{
        "memory", fits ? Level::Good : Level::Note, "Memory", "About " + partsText(memory), "train.batch_size", {}};
    if (available > 0) {
        finding.sentence += (fits ? "; this machine has " : ", but this machine has only ") + text::bytes(available) +
                            " of memory left";
    }
    finding.sentence += experiment.train.device == config::Device::Cpu ? "." : ". A GPU must hold it by itself.";
    if (!fits && experiment.train.batchSize > 1) {
        const std::int64_t half = experiment.train.batchSize / 2;
        finding.remedies.push_back({"Batch " + std::to_string(half) + ", accumulate twice",
                                    {{"train.batch_size", std::to_string(half)},
                                     {"train.accumulation", std::to_string(experiment.train.accumulation * 2)}}});
    }
    context.report(std::move(finding));
}

Result<MemoryEstimate> estimateMemory(const config::Experiment& experiment)
{
    const Options options;
    const std::atomic<bool> never{false};
    std::optional<Failure> problem;
    const std::function<void(Finding)> keepFirstProblem = [&](const Finding& finding) {
        if (finding.level == Level::Problem && !problem) {
            problem = Failure{finding.headline + ": " + finding.sentence, {}};
        }
    };
    Context context{experiment, options, never, keepFirstProblem, {}, {}, {}, {}, true, {}, 0, 0, 0};
    for (const auto step : {checkModels, checkProbeTeacher, checkTokenizers, checkData}) {
        step(context);
        if (problem) {
            return *problem;
        }
    }
    return estimateOf(context);
}

void check(const config::Experiment& experiment, const Options& options, const std::atomic<bool>& cancelled,
           const std::function<void(Finding)>& report)
{
    Context context{experiment, options, cancelled, report, {}, {}, {}, {}, true, {}, 0, 0, 0};
    for (const auto step : {checkFields, checkUnused, checkFidelity, checkModels, checkProbeTeacher, checkTokenizers,
                            checkData, checkSpecialTokens, checkEnds, checkCoverage, checkSteps, checkMachine}) {
        if (cancelled) {
            return;
        }
        step(context);
    }
}

std::optional<Finding> refusedCombination(const std::vector<config::PlannedRun>& runs,
                                          const std::atomic<bool>& cancelled)
{
    Options options;
    options.sampleRecords = 1;
    options.onlyKeptMaps = true;
    const config::AxisValues* before = nullptr;
    for (const config::PlannedRun& run : runs) {
        if (before != nullptr && *before == run.values) {
            continue; // another seed: seeds vary fastest
        }
        before = &run.values;
        config::Experiment experiment = run.experiment;
        experiment.data.limit = 1;
        experiment.data.validationLimit = 1;
        experiment.train.warmupSteps = 0; // of one record there are fewer steps
        std::optional<Finding> problem;
        check(experiment, options, cancelled, [&](Finding finding) {
            if (finding.level == Level::Problem && !problem) {
                problem = std::move(finding);
            }
        });
        if (cancelled) {
            return std::nullopt;
        }
        if (problem) {
            return Finding{"combination",
                           Level::Problem,
                           "Combination " + config::valuesText(run),
                           problem->headline + ": " + problem->sentence,
                           problem->field,
                           {}};
        }
    }
    return std::nullopt;
}

} // namespace dskd::preflight
