#include "core/jobs/asked_models.h"

#include "core/config/methods/method_traits.h"
#include "core/jobs/run_folder.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
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

// The last names of a path, joined; all where it has fewer.
std::string lastNames(const std::string& path, std::size_t count)
{
    std::vector<std::string> names;
    const std::filesystem::path all(path);
    for (const std::filesystem::path& name : all.relative_path()) {
        if (!name.empty()) { // what stands behind the last slash
            names.push_back(name.string());
        }
    }
    std::string joined;
    for (std::size_t i = names.size() - std::min(count, names.size()); i < names.size(); ++i) {
        joined += (joined.empty() ? "" : "/") + names[i];
    }
    return joined;
}

// As many of the path's last names as no other path ends with.
std::string shortName(const std::string& path, const std::vector<std::string>& others)
{
    for (std::size_t count = 1;; ++count) {
        const std::string name = lastNames(path, count);
        const bool isLike = std::any_of(others.begin(), others.end(), [&](const std::string& other) {
            return other != path && lastNames(other, count) == name;
        });
        if (!isLike || lastNames(path, count + 1) == name) {
            return name;
        }
    }
}

} // namespace

std::vector<BaselineName> baselineNames(const std::vector<AskedColumn>& columns)
{
    std::vector<BaselineName> names(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].part == AskedPart::Run) {
            continue;
        }
        std::vector<std::string> others;
        for (std::size_t k = 0; k < columns.size(); ++k) {
            if (k != i && columns[k].part == columns[i].part) {
                others.push_back(columns[k].model);
            }
        }
        names[i].folder = shortName(columns[i].model, others);
        names[i].ofARun = std::find(others.begin(), others.end(), columns[i].model) != others.end();
    }
    return names;
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

std::string modelTitle(AskedPart part, const BaselineName& baseline, const std::string& run)
{
    assert(part != AskedPart::Run);
    return (part == AskedPart::Teacher ? "teacher " : "untrained student ") + baseline.folder +
           (baseline.ofARun ? " of " + run : "");
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
