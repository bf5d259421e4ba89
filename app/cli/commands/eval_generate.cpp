#include "app/cli/commands/eval_generate.h"

#include "app/cli/commands/run.h"
#include "app/cli/terminal/follow.h"
#include "core/base/checkpoint_folders.h"
#include "core/jobs/launch.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_reader.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"
#include "core/text/table.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

bool isModelFolder(const std::string& text)
{
    std::error_code error;
    return fs::is_regular_file(fs::path(text) / "config.json", error) ||
           fs::is_regular_file(fs::path(text) / "adapter_config.json", error);
}

std::string absolute(const std::string& path)
{
    std::error_code error;
    return path.empty() ? path : fs::absolute(path, error).lexically_normal().string();
}

// The configuration of a training run turned to its own student, or one for a bare model folder.
Result<config::Experiment> experimentFor(store::WorkspaceDb& workspace, const ModelJobOptions& options)
{
    config::Experiment experiment;
    if (isModelFolder(options.model)) {
        experiment.student.model = absolute(options.model);
        experiment.name = fs::path(experiment.student.model).filename().string();
        return experiment;
    }
    const auto id = findTrainedRun(workspace, options.model);
    if (!id) {
        return Failure{"\"" + options.model +
                           "\" is neither a model folder (with config.json or adapter_config.json) nor a run: " +
                           id.failure().what,
                       id.failure().hint};
    }
    const RunLayout run = workspace.layout().run(*id);
    auto trained = jobs::runConfig(run);
    if (!trained) {
        return trained;
    }
    const auto steps = finishedCheckpoints(run);
    if (steps.empty()) {
        return Failure{*id + " has no finished checkpoint yet.", "\"dskd stop\" makes a running one write it."};
    }
    const std::int64_t step = options.step.value_or(steps.back());
    if (std::find(steps.begin(), steps.end(), step) == steps.end()) {
        return Failure{*id + " has no checkpoint of step " + std::to_string(step) + ".",
                       "The newest is of step " + std::to_string(steps.back()) + "."};
    }
    experiment = *trained;
    experiment.student = {};
    experiment.student.model = run.checkpoint(step).string();
    experiment.teacher = {};
    experiment.method = {};
    experiment.method.objective = config::Objective::Sft;
    experiment.data.train.clear();
    experiment.data.validation.clear();
    experiment.name = trained->name.empty() ? *id : trained->name;
    return experiment;
}

Result<config::Experiment> jobExperiment(store::WorkspaceDb& workspace, const ModelJobOptions& options,
                                         config::JobKind job)
{
    auto experiment = experimentFor(workspace, options);
    if (!experiment) {
        return experiment;
    }
    experiment->job = job;
    experiment->name = (job == config::JobKind::Evaluate ? "eval " : "generate ") + experiment->name;
    experiment->group = job == config::JobKind::Evaluate ? "evaluations" : "answers";
    experiment->evaluate = {absolute(options.data), options.prompt, options.limit, absolute(options.output)};
    experiment->validation.maxNewTokens = options.maxNewTokens.value_or(experiment->validation.maxNewTokens);
    experiment->validation.temperature = options.temperature.value_or(experiment->validation.temperature);
    experiment->seed = options.seed.value_or(experiment->seed);
    return experiment;
}

nlohmann::json answersJson(const std::vector<store::AnswerRow>& answers)
{
    nlohmann::json rows = nlohmann::json::array();
    for (const store::AnswerRow& answer : answers) {
        nlohmann::json row = {{"sample", answer.sample}, {"prompt", answer.prompt}, {"answer", answer.answer}};
        if (!answer.reference.empty()) {
            row["reference"] = answer.reference;
            row["rouge_l"] = answer.rougeL;
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

void printAnswers(Console& console, const std::vector<store::AnswerRow>& answers)
{
    for (const store::AnswerRow& answer : answers) {
        if (answers.size() > 1) {
            console.out << console.paint("[" + std::to_string(answer.sample) + "] " + text::terminal(answer.prompt),
                                         Tone::Muted)
                        << '\n';
        }
        console.out << text::terminal(answer.answer) << '\n';
    }
}

void printScores(Console& console, const std::map<std::string, store::MetricPoint>& scores)
{
    text::Table table;
    table.columns = {{"metric"}, {"value", text::Align::Right}};
    for (const auto& [name, point] : scores) {
        table.add({name, text::number(point.value)});
    }
    console.out << text::toTerminal(table, {console.width, console.utf8, console.colors});
}

int runModelJob(const ModelJobOptions& options, Console& console, config::JobKind job)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    auto experiment = jobExperiment(*workspace, options, job);
    if (!experiment) {
        return explain(console, experiment.failure(), ExitCode::NotFound, options.json);
    }
    if (const auto applied = applySets(*experiment, options.sets); !applied) {
        return explain(console, applied.failure(), ExitCode::Usage, options.json);
    }
    const auto id = jobs::createRun(*workspace, *experiment);
    if (!id) {
        return explain(console, id.failure(), ExitCode::Usage, options.json);
    }
    const RunLayout run = workspace->layout().run(*id);
    if (const auto pid = jobs::launchWorker(run); !pid) {
        return explain(console, pid.failure(), ExitCode::Failed, options.json);
    }
    const auto ended = followRun(console, workspace->layout().root, *id, experiment->name);
    if (!ended) {
        if (options.json) {
            const jobs::RunStatus now = jobs::readStatus(run);
            printJson(
                console.out,
                {{"run", *id}, {"status", jobs::name(now.status)}, {"sentence", now.sentence}, {"detached", true}});
        }
        return toInt(ExitCode::Detached);
    }
    auto reader = store::RunReader::open(run);
    if (!reader) {
        return explain(console, reader.failure(), ExitCode::Failed, options.json);
    }
    const auto answers = reader->answers();
    const auto scores = reader->latest();
    if (options.json) {
        nlohmann::json values = nlohmann::json::object();
        for (const auto& [name, point] : scores) {
            values[name] =
                std::isfinite(point.value) ? nlohmann::json(point.value) : nlohmann::json(text::number(point.value));
        }
        printJson(console.out, {{"run", *id},
                                {"status", jobs::name(ended->status)},
                                {"sentence", ended->sentence},
                                {"metrics", values},
                                {"answers", answersJson(answers)}});
    } else if (job == config::JobKind::Generate) {
        printAnswers(console, answers);
    } else {
        printScores(console, scores);
    }
    return toInt(exitCodeFor(run, *ended));
}

} // namespace

int runEvaluate(const ModelJobOptions& options, Console& console)
{
    return runModelJob(options, console, config::JobKind::Evaluate);
}

int runGenerate(const ModelJobOptions& options, Console& console)
{
    return runModelJob(options, console, config::JobKind::Generate);
}

} // namespace dskd::cli
