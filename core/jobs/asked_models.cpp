#include "core/jobs/asked_models.h"

#include "core/config/methods/method_traits.h"
#include "core/jobs/run_folder.h"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <utility>

namespace dskd::jobs
{
namespace
{

struct AskedRun {
    std::string id;
    Result<config::Experiment> trained;
};

// What decides how a model of the run is asked, without the model.
config::Experiment howToAsk(const config::Experiment& trained, const AskRequest& request)
{
    config::Experiment asked;
    asked.job = config::JobKind::Generate;
    asked.method.objective = config::Objective::Sft;
    asked.data = trained.data;
    if (asked.data.validation.empty()) { // one file stays, which shows how its prompts are made
        asked.data.validation = asked.data.train;
    }
    asked.data.train.clear();
    asked.data.lossOn = config::LossOn::Response;
    asked.data.answers = config::AnswerSource::Gold;
    asked.data.limit = asked.data.validationLimit = 0;
    asked.train.precision = trained.train.precision;
    asked.train.threads = trained.train.threads;
    asked.train.device = request.device.value_or(trained.train.device);
    asked.validation = request.sampling;
    return asked;
}

// Whether one answer stands for both: fields without effect on it, such as train.threads, may differ.
bool asksAlike(const config::Experiment& one, const config::Experiment& other)
{
    return configHash(one) == configHash(other) && one.seed == other.seed;
}

config::ModelRef teacherOf(const config::Experiment& trained)
{
    if (config::needsTeacher(trained)) {
        return trained.teacher;
    }
    config::ModelRef probes;
    probes.model = trained.log.probeTeacher;
    return probes;
}

AskedModel studentOf(const RunLayout& folder, const AskedRun& run, const AskRequest& request)
{
    AskedModel model{{AskedPart::Run, run.id}};
    if (!run.trained) {
        model.trouble = run.trained.failure();
        return model;
    }
    model.experiment = howToAsk(*run.trained, request);
    try {
        auto picked = pickCheckpoint(folder, run.id, request.checkpoint);
        if (!picked) {
            model.trouble = picked.failure();
            return model;
        }
        model.column.step = picked->step;
        model.column.model = folder.checkpoint(picked->step).string();
        model.held = std::move(picked->use);
    } catch (const Error& unreadable) {
        model.trouble = unreadable.failure();
        return model;
    }
    model.experiment.student.model = model.column.model;
    return model;
}

// Of each run that has one, each once.
void addShared(std::vector<AskedModel>& models, const std::vector<AskedRun>& runs, AskedPart part,
               const AskRequest& request)
{
    const std::size_t before = models.size();
    for (const AskedRun& run : runs) {
        if (!run.trained) {
            continue; // its own column reports why
        }
        AskedModel model{{part, run.id}};
        model.experiment = howToAsk(*run.trained, request);
        if (part == AskedPart::Teacher) {
            static_cast<config::ModelRef&>(model.experiment.student) = teacherOf(*run.trained);
        } else {
            model.experiment.student = run.trained->student;
            if (model.experiment.student.init == config::StudentInit::Random) {
                model.experiment.seed = run.trained->seed; // it decides the weights
            }
        }
        model.column.model = model.experiment.student.model;
        const bool known =
            std::any_of(models.begin() + static_cast<std::ptrdiff_t>(before), models.end(),
                        [&](const AskedModel& other) { return asksAlike(other.experiment, model.experiment); });
        if (!model.column.model.empty() && !known) {
            model.held = CheckpointUse::of(model.column.model); // it may be a run's checkpoint
            models.push_back(std::move(model));
        }
    }
    if (models.size() == before && part == AskedPart::Teacher && !runs.empty()) {
        AskedModel none{{part, runs.front().id}};
        none.trouble = Failure{"None of these runs has a teacher.",
                               "Runs that distil have one, and so have those whose log.probe_teacher names one.",
                               FailureKind::NotFound};
        models.push_back(std::move(none));
    }
}

} // namespace

std::string_view name(AskedPart part)
{
    switch (part) {
    case AskedPart::Teacher: return "teacher";
    case AskedPart::Untrained: return "untrained";
    case AskedPart::Run: return "run";
    }
    return {};
}

std::string modelTitle(AskedPart part, const std::string& folder)
{
    assert(part != AskedPart::Run);
    return (part == AskedPart::Teacher ? "teacher " : "untrained student ") +
           std::filesystem::path(folder).filename().string();
}

std::vector<AskedModel> askedModels(const WorkspaceLayout& workspace, const AskRequest& request)
{
    std::vector<AskedRun> runs;
    runs.reserve(request.runs.size());
    for (const std::string& id : request.runs) {
        runs.push_back({id, runConfig(workspace.run(id))});
    }
    std::vector<AskedModel> models;
    if (request.teacher) {
        addShared(models, runs, AskedPart::Teacher, request);
    }
    if (request.untrained) {
        addShared(models, runs, AskedPart::Untrained, request);
    }
    for (const AskedRun& run : runs) {
        models.push_back(studentOf(workspace.run(run.id), run, request));
    }
    return models;
}

} // namespace dskd::jobs
