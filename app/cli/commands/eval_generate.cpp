// `dskd eval` and `dskd generate`: a trained model answers. Both are jobs in a run folder of their own.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/field_sets.h"
#include "app/cli/terminal/follow.h"
#include "core/base/checkpoint_folders.h"
#include "core/jobs/checkpoint_choice.h"
#include "core/jobs/launch.h"
#include "core/jobs/run_folder.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_reader.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

struct ModelJobOptions : CommonOptions {
    std::string model;                // a run, or a Hugging Face model folder
    std::optional<std::int64_t> step; // of a run: the checkpoint; none: the newest
    std::string data;
    std::string prompt; // generate only
    std::int64_t limit = 0;
    std::string output; // JSONL of answers
    bool force = false;
    std::optional<std::int64_t> maxNewTokens;
    std::optional<double> temperature;
    std::optional<std::uint64_t> seed;
    std::vector<std::string> sets;
};

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

struct ModelJob {
    config::Experiment experiment;
    std::optional<CheckpointUse> checkpoint; // held until the job has ended
};

// The configuration of a training run turned to its own student, or one for a bare model folder. Throws NotFound.
ModelJob experimentFor(store::WorkspaceDb& workspace, const ModelJobOptions& options, Console& console)
{
    config::Experiment experiment;
    if (isModelFolder(options.model)) {
        experiment.student.model = absolute(options.model);
        experiment.name = fs::path(experiment.student.model).filename().string();
        auto use = CheckpointUse::of(experiment.student.model); // it may be a run's checkpoint
        return {std::move(experiment), std::move(use)};
    }
    const auto id = findTrainedRun(workspace, options.model, console);
    if (!id) {
        throw Error("\"" + options.model +
                        "\" is neither a model folder (with config.json or adapter_config.json) nor a run: " +
                        id.failure().what,
                    id.failure().hint, FailureKind::NotFound);
    }
    const RunLayout run = workspace.layout().run(*id);
    const config::Experiment trained = orThrow(jobs::runConfig(run), FailureKind::NotFound);
    const jobs::CheckpointChoice request =
        options.step ? jobs::CheckpointChoice{jobs::CheckpointChoice::Which::OfStep, *options.step}
                     : jobs::CheckpointChoice{};
    auto [step, use] = jobs::pickCheckpoint(run, *id, request).value();
    experiment = trained;
    experiment.student = {};
    experiment.student.model = run.checkpoint(step).string();
    experiment.teacher = {};
    experiment.method = {};
    experiment.method.objective = config::Objective::Sft;
    experiment.data.train.clear();
    experiment.data.validation.clear();
    experiment.name = trained.name.empty() ? *id : trained.name;
    return {std::move(experiment), std::move(use)};
}

ModelJob jobExperiment(store::WorkspaceDb& workspace, const ModelJobOptions& options, config::JobKind job,
                       Console& console)
{
    ModelJob made = experimentFor(workspace, options, console);
    config::Experiment& experiment = made.experiment;
    experiment.job = job;
    experiment.name = (job == config::JobKind::Evaluate ? "eval " : "generate ") + experiment.name;
    experiment.group = job == config::JobKind::Evaluate ? "evaluations" : "answers";
    experiment.evaluate = {absolute(options.data), options.prompt, options.limit, absolute(options.output),
                           options.force};
    experiment.validation.maxNewTokens = options.maxNewTokens.value_or(experiment.validation.maxNewTokens);
    experiment.validation.temperature = options.temperature.value_or(experiment.validation.temperature);
    experiment.seed = options.seed.value_or(experiment.seed);
    apply(parseSets(options.sets), experiment);
    return made;
}

// Those that set fields in this call. What is evaluated comes from options alone.
std::vector<FieldOption> optionsOf(const ModelJobOptions& options)
{
    std::vector<FieldOption> named = {{"evaluate.data", "--data"},
                                      {"evaluate.prompt", "--prompt"},
                                      {"evaluate.limit", "--limit"},
                                      {"evaluate.output", "--to"}};
    const auto add = [&](bool given, const char* field, const char* option) {
        if (given) {
            named.push_back({field, option});
        }
    };
    add(isModelFolder(options.model), "student.model", "MODELDIR");
    add(options.maxNewTokens.has_value(), "validation.max_new_tokens", "--max-new-tokens");
    add(options.temperature.has_value(), "validation.temperature", "--temperature");
    return named;
}

void requireRunnable(const config::Experiment& experiment, const ModelJobOptions& options)
{
    try {
        cli::requireRunnable(experiment);
    } catch (const Error& problem) {
        throw Error(namingOptions(problem.failure(), optionsOf(options)));
    }
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
    for (const std::string& name : metrics::inTableOrder(scores)) {
        table.add({metrics::shownTitle(name), text::number(scores.at(name).value * metrics::shownFactor(name))});
    }
    console.out << text::toTerminal(table, tableStyle(console));
}

ExitCode runModelJob(const ModelJobOptions& options, Console& console, config::JobKind job)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const ModelJob made = jobExperiment(workspace, options, job, console);
    const config::Experiment& experiment = made.experiment;
    requireRunnable(experiment, options);
    const std::string id = jobs::createRun(workspace, experiment).value();
    const RunLayout run = workspace.layout().run(id);
    (void)jobs::launchWorker(run).value();
    const auto ended = followRun(console, workspace.layout().root, id, experiment.name);
    if (!ended) {
        if (options.json) {
            const jobs::RunStatus now = jobs::readStatus(run);
            printJson(
                console.out,
                {{"run", id}, {"status", jobs::name(now.status)}, {"sentence", now.sentence}, {"detached", true}});
        }
        return ExitCode::Detached;
    }
    store::RunReader reader = store::RunReader::open(run).value();
    const auto answers = reader.answers();
    const auto scores = reader.latest();
    if (options.json) {
        nlohmann::json values = nlohmann::json::object();
        for (const auto& [name, point] : scores) {
            values[name] = jsonNumber(point.value);
        }
        printJson(console.out, {{"run", id},
                                {"status", jobs::name(ended->status)},
                                {"sentence", ended->sentence},
                                {"warnings", warningsOf(run, reader)},
                                {"metrics", values},
                                {"answers", answersJson(answers)}});
    } else if (job == config::JobKind::Generate) {
        printAnswers(console, answers);
    } else if (!scores.empty()) { // none of one that failed
        printScores(console, scores);
    }
    return exitCodeFor(*ended);
}

ExitCode runEvaluate(const ModelJobOptions& options, Console& console)
{
    return runModelJob(options, console, config::JobKind::Evaluate);
}

ExitCode runGenerate(const ModelJobOptions& options, Console& console)
{
    return runModelJob(options, console, config::JobKind::Generate);
}

void addShared(CLI::App& command, ModelJobOptions& o)
{
    command
        .add_option(
            "model", o.model,
            "A run (id, name, \"last\": the newest training run with a checkpoint) or a Hugging Face model folder")
        ->type_name("RUN|MODELDIR")
        ->required();
    command.add_option("--step", o.step, "Checkpoint of the run (default: the newest)")->type_name("N");
    command.add_option("--limit", o.limit, "Only the first N records of the data")->type_name("N");
    command.add_option("--to", o.output, "Also write the answers to this JSONL file")->type_name("FILE");
    command.add_flag("--force", o.force, "Replace the answers that the file of --to holds already");
    command.add_option("--max-new-tokens", o.maxNewTokens, "Length of an answer")->type_name("N");
    command.add_option("--temperature", o.temperature, "0: greedy")->type_name("X");
    command.add_option("--seed", o.seed, "For sampling")->type_name("N");
    setOption(command, o.sets, "train.device=cpu");
}

} // namespace

void addEvalAndGenerate(CommandLine& line)
{
    line.add<ModelJobOptions>(
        "eval", "Loss, accuracy and ROUGE-L of a student on held-out data",
        "dskd eval last --data test.jsonl --limit 200",
        [](CLI::App& command, ModelJobOptions& o) {
            addShared(command, o);
            command.add_option("--data", o.data, "JSONL to evaluate on")->type_name("FILE")->required();
        },
        runEvaluate);
    line.add<ModelJobOptions>(
        "generate", "Let a model answer", "dskd generate last --prompt \"What is distillation?\"",
        [](CLI::App& command, ModelJobOptions& o) {
            addShared(command, o);
            auto* prompt = command.add_option("--prompt", o.prompt, "One prompt, used as it is")->type_name("TEXT");
            command
                .add_option("--data", o.data,
                            "JSONL of prompts. The file of --to is one to train on again: a teacher's answers to the "
                            "training data, named in data.train of an SFT run, are sequence-level distillation in two "
                            "steps (data.answers=teacher does both)")
                ->type_name("FILE")
                ->excludes(prompt);
        },
        runGenerate);
}

} // namespace dskd::cli
