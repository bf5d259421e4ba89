#include "core/jobs/asked_models.h"

#include "core/config/methods/method_traits.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_folder.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::jobs
{
namespace
{

struct AskedRun {
    std::string id;
    Result<config::Experiment> trained;
};

// What decides how a model of the run is asked, without the model; equal for runs that ask alike.
config::Experiment howToAsk(const config::Experiment& trained, const AskWish& wish)
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
    asked.train.device = wish.device.value_or(trained.train.device);
    asked.validation = wish.sampling;
    return asked;
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

AskedModel studentOf(const RunLayout& folder, const AskedRun& run, const AskWish& wish)
{
    AskedModel model{{AskedPart::Run, run.id}};
    if (!run.trained) {
        model.trouble = run.trained.failure();
        return model;
    }
    model.experiment = howToAsk(*run.trained, wish);
    try {
        auto picked = pickCheckpoint(folder, run.id, wish.checkpoint);
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
void addShared(std::vector<AskedModel>& models, const std::vector<AskedRun>& runs, AskedPart part, const AskWish& wish)
{
    const std::size_t before = models.size();
    for (const AskedRun& run : runs) {
        if (!run.trained) {
            continue; // its own column says why
        }
        AskedModel model{{part, run.id}};
        model.experiment = howToAsk(*run.trained, wish);
        if (part == AskedPart::Teacher) {
            static_cast<config::ModelRef&>(model.experiment.student) = teacherOf(*run.trained);
        } else {
            model.experiment.student = run.trained->student;
            if (model.experiment.student.init == config::StudentInit::Random) {
                model.experiment.seed = run.trained->seed; // it decides the weights
            }
        }
        model.column.model = model.experiment.student.model;
        const bool known = std::any_of(models.begin() + static_cast<std::ptrdiff_t>(before), models.end(),
                                       [&](const AskedModel& other) {
                                           return config::toJson(other.experiment) == config::toJson(model.experiment);
                                       });
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

std::vector<AskedModel> askedModels(const WorkspaceLayout& workspace, const AskWish& wish)
{
    std::vector<AskedRun> runs;
    runs.reserve(wish.runs.size());
    for (const std::string& id : wish.runs) {
        runs.push_back({id, runConfig(workspace.run(id))});
    }
    std::vector<AskedModel> models;
    if (wish.teacher) {
        addShared(models, runs, AskedPart::Teacher, wish);
    }
    if (wish.untrained) {
        addShared(models, runs, AskedPart::Untrained, wish);
    }
    for (const AskedRun& run : runs) {
        models.push_back(studentOf(workspace.run(run.id), run, wish));
    }
    return models;
}

} // namespace dskd::jobs
