#include "core/train/evaluate/answer_jobs.h"

#include "core/base/atomic_file.h"
#include "core/base/checkpoint_folders.h"
#include "core/base/regular_file.h"
#include "core/base/result.h"
#include "core/metrics/run_phases.h"
#include "core/preflight/rules.h"
#include "core/train/answers/answers.h"
#include "core/train/data/job_data.h"
#include "core/train/evaluate/token_score.h"
#include "core/train/job/device.h"
#include "core/train/job/preflight.h"
#include "core/train/job/training_setup.h"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace dskd::train
{
namespace
{

struct AnswerJob {
    Tokenizers tokenizers;
    std::vector<Example> examples;
    std::unique_ptr<model::CausalLm> model;
};

// evaluate.prompt as one example without a reference.
std::vector<Example> singlePrompt(const config::Experiment& experiment, const Tokenizers& tokenizers)
{
    Example example;
    example.record.prompt = experiment.evaluate.prompt;
    example.record.responses = {""};
    example.student = dataset::makeSample(example.record, *tokenizers.student, experiment.data);
    example.record.responses.clear();
    return {std::move(example)};
}

// Whether evaluate.output is what this run has written before it was killed: the same as its own file.
bool isOwnOutput(const config::Experiment& experiment, const RunLayout& run)
{
    const auto own = readTextFile(run.answers());
    const auto output = readTextFile(experiment.evaluate.output);
    return own && output && *own == *output;
}

// Before the work, not after it.
void requireOutput(const config::Experiment& experiment, const RunLayout& run)
{
    if (const auto writable = preflight::checkOutput(experiment.evaluate); !writable && !isOwnOutput(experiment, run)) {
        throw errorOf(writable.failure(), FailureKind::Usage);
    }
}

AnswerJob prepare(const config::Experiment& experiment, const RunLayout& run, Observer& observer)
{
    makeDeterministic(experiment.train.threads);
    const at::Device device = pickDevice(experiment.train.device);
    const at::ScalarType dtype = dtypeOf(experiment.train.precision);
    observer.onEvent(0, "device", describeDevice(device, dtype) + ".");
    config::Experiment studentOnly = experiment;
    studentOnly.teacher = {};
    requireOutput(experiment, run);
    const auto use = CheckpointUse::of(experiment.student.model); // until it is loaded
    AnswerJob job;
    job.tokenizers = loadTokenizers(studentOnly);
    const auto config = orThrow(model::readModelConfig(experiment.student.model), FailureKind::BadModel);
    orThrow(checkModel("student", config, *job.tokenizers.student, experiment.data), FailureKind::BadModel);
    job.examples = experiment.evaluate.prompt.empty()
                       ? loadExamples(experiment.evaluate.data, experiment.evaluate.limit, experiment.data,
                                      job.tokenizers, observer)
                       : singlePrompt(experiment, job.tokenizers);
    orThrow(checkNotEmpty(job.examples, "evaluate.data", experiment.evaluate.data), FailureKind::BadData);
    model::LoadOptions options;
    options.dtype = dtype;
    options.device = device;
    job.model = loadStudent(experiment, std::nullopt, options, observer);
    return job;
}

// Into the run, and to evaluate.output unless that has come to be there in the meantime: nothing is replaced unasked.
void writeAnswers(const config::Experiment& experiment, const RunLayout& run, Observer& observer,
                  const std::vector<GeneratedAnswer>& answers)
{
    std::string lines;
    for (const GeneratedAnswer& answer : answers) {
        nlohmann::json line{
            {"sample", answer.sample}, {"prompt", answer.prompt}, {"answer", answer.answer}, {"ended", answer.ended}};
        if (!answer.reference.empty()) {
            line["reference"] = answer.reference;
            line["rouge_l"] = answer.rougeL;
        }
        lines += line.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) + "\n";
    }
    writeFileAtomically(run.answers(), lines).value();
    const std::string& output = experiment.evaluate.output;
    if (output.empty() || isOwnOutput(experiment, run)) {
        return;
    }
    if (const auto writable = preflight::checkOutput(experiment.evaluate); !writable) {
        observer.onEvent(0, "warning", writable.failure().what + " The answers are in " + run.answers().string() + ".");
        return;
    }
    writeFileAtomically(output, lines).value();
}

struct AllAnswers {
    std::vector<GeneratedAnswer> answers;
    double tokensPerSecond = 0.0;
};

// Answers in blocks, so that they can be seen while the job goes on.
AllAnswers answerAll(AnswerJob& job, const config::Experiment& experiment, Observer& observer, RunControl& control)
{
    AnswerOptions options = answerOptions(experiment);
    AllAnswers all;
    const std::span<const Example> examples = job.examples;
    AnswerProgress progress = answerProgress(examples.size(), options, observer, /*step=*/0);
    options.progress = &progress;
    const auto block = static_cast<std::size_t>(options.batchSize);
    for (std::size_t first = 0; first < examples.size() && !control.stop; first += block) {
        const auto part = examples.subspan(first, std::min(block, examples.size() - first));
        options.firstSample = static_cast<std::int64_t>(first);
        const std::vector<GeneratedAnswer> answers =
            answerPrompts(*job.model, *job.tokenizers.student, part, options, &control.stop);
        const auto done = static_cast<std::int64_t>(first + answers.size());
        observer.onAnswers(0, answers);
        observer.onPhase(done, progress.words());
        all.answers.insert(all.answers.end(), answers.begin(), answers.end());
    }
    all.tokensPerSecond = progress.tokensPerSecond();
    return all;
}

} // namespace

Outcome runEvaluation(const config::Experiment& experiment, const RunLayout& run, Observer& observer,
                      RunControl& control)
{
    AnswerJob job = prepare(experiment, run, observer);
    observer.onPlan(static_cast<std::int64_t>(job.examples.size()), 0);
    observer.onPhase(0, metrics::kEvaluatingPhase);
    std::vector<const dataset::Sample*> samples;
    for (const Example& example : job.examples) {
        samples.push_back(&example.student);
    }
    const TokenScore score = scoreTokens(*job.model, samples, experiment.data.lossOn, experiment.train.batchSize,
                                         experiment.train.chunkRows, &control.stop);
    if (control.stop) {
        return Outcome::Stopped;
    }
    observer.onMetrics(0, score.tokens, {{"validation.loss", score.loss}, {"validation.accuracy", score.accuracy}});
    const auto [answers, tokensPerSecond] = answerAll(job, experiment, observer, control);
    if (control.stop) {
        return Outcome::Stopped;
    }
    observer.onMetrics(0, score.tokens,
                       {{"validation.rouge_l", meanRougeL(answers)},
                        {"validation.exact_match", exactMatchRate(answers)},
                        {"generated_tokens_per_second", tokensPerSecond}});
    writeAnswers(experiment, run, observer, answers);
    return Outcome::Finished;
}

Outcome runGeneration(const config::Experiment& experiment, const RunLayout& run, Observer& observer,
                      RunControl& control)
{
    AnswerJob job = prepare(experiment, run, observer);
    observer.onPlan(static_cast<std::int64_t>(job.examples.size()), 0);
    observer.onPhase(0, metrics::kGeneratingPhase);
    const std::vector<GeneratedAnswer> answers = answerAll(job, experiment, observer, control).answers;
    if (control.stop) { // run.db has the answers so far; a resumed run gives them again
        return Outcome::Stopped;
    }
    writeAnswers(experiment, run, observer, answers);
    return Outcome::Finished;
}

} // namespace dskd::train
