#include "core/jobs/asked_models.h"

#include "core/config/methods/method_traits.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/told_apart.h"

#include <algorithm>
#include <filesystem>
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

// A teacher, or an untrained student, and how it is asked.
config::Experiment sharedModel(const config::Experiment& trained, AskedPart part, const AskWish& wish)
{
    config::Experiment asked = howToAsk(trained, wish);
    if (part == AskedPart::Teacher) {
        static_cast<config::ModelRef&>(asked.student) = teacherOf(trained);
        return asked;
    }
    asked.student = trained.student;
    if (asked.student.init == config::StudentInit::Random) {
        asked.seed = trained.seed; // it decides the weights
    }
    return asked;
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
        model.experiment = sharedModel(*run.trained, part, wish);
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

// Of those that people see under one heading.
void tellApart(std::vector<AskedModel>& shared)
{
    std::vector<std::string> titles;
    std::vector<config::Experiment> experiments;
    titles.reserve(shared.size());
    experiments.reserve(shared.size());
    for (const AskedModel& model : shared) {
        titles.push_back(baselineTitle(model.column.part, model.column.model));
        experiments.push_back(model.experiment);
    }
    const std::vector<std::string> apart = toldApart(titles, experiments);
    for (std::size_t i = 0; i < shared.size(); ++i) {
        shared[i].column.apart = apart[i];
    }
}

} // namespace

std::string baselineTitle(AskedPart part, const std::string& folder)
{
    return (part == AskedPart::Teacher ? "teacher " : "untrained student ") +
           std::filesystem::path(folder).filename().string();
}

std::string_view name(AskedPart part)
{
    switch (part) {
    case AskedPart::Teacher: return "teacher";
    case AskedPart::Untrained: return "untrained";
    case AskedPart::Run: return "run";
    }
    return {};
}

config::Experiment validatedModel(const config::Experiment& trained, AskedPart part)
{
    AskWish wish;
    wish.sampling = trained.validation;
    config::Experiment asked = sharedModel(trained, part, wish);
    asked.seed = trained.seed; // its answers may be drawn
    return asked;
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
    tellApart(models);
    for (const AskedRun& run : runs) {
        models.push_back(studentOf(workspace.run(run.id), run, wish));
    }
    return models;
}

} // namespace dskd::jobs
