#include "core/train/evaluate/answer_jobs.h"

#include "core/base/atomic_file.h"
#include "core/base/result.h"
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

AnswerJob prepare(const config::Experiment& experiment, Observer& observer)
{
    makeDeterministic(experiment.train.threads);
    const at::Device device = pickDevice(experiment.train.device);
    const at::ScalarType dtype = dtypeOf(experiment.train.precision);
    observer.onEvent(0, "device", describeDevice(device, dtype) + ".");
    config::Experiment studentOnly = experiment;
    studentOnly.teacher = {};
    orThrow(preflight::checkOutput(experiment.evaluate), FailureKind::Usage); // before the work, not after it
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

// The file of answers, or the run's own where evaluate.output has come to be there in the meantime: it is not replaced
// unasked, and the answers are not lost.
std::filesystem::path fileForAnswers(const config::Experiment& experiment, const RunLayout& run, Observer& observer)
{
    const std::filesystem::path own = run.root / "answers.jsonl";
    if (experiment.evaluate.output.empty()) {
        return own;
    }
    if (const auto writable = preflight::checkOutput(experiment.evaluate); !writable) {
        observer.onEvent(0, "warning", writable.failure().what + " The answers are in " + own.string() + ".");
        return own;
    }
    return experiment.evaluate.output;
}

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
    writeFileAtomically(fileForAnswers(experiment, run, observer), lines).value();
}

// Answers in blocks, so that they can be seen while the job goes on.
std::vector<GeneratedAnswer> answerAll(AnswerJob& job, const config::Experiment& experiment, Observer& observer,
                                       RunControl& control)
{
    AnswerOptions options = answerOptions(experiment);
    std::vector<GeneratedAnswer> all;
    const std::span<const Example> examples = job.examples;
    const auto block = static_cast<std::size_t>(options.batchSize);
    for (std::size_t first = 0; first < examples.size() && !control.stop; first += block) {
        const auto part = examples.subspan(first, std::min(block, examples.size() - first));
        options.firstSample = static_cast<std::int64_t>(first);
        const std::vector<GeneratedAnswer> answers =
            answerPrompts(*job.model, *job.tokenizers.student, part, options, &control.stop);
        const auto done = static_cast<std::int64_t>(first + answers.size());
        observer.onAnswers(0, answers);
        observer.onPhase(done, "generating");
        all.insert(all.end(), answers.begin(), answers.end());
    }
    return all;
}

} // namespace

Outcome runEvaluation(const config::Experiment& experiment, const RunLayout& run, Observer& observer,
                      RunControl& control)
{
    AnswerJob job = prepare(experiment, observer);
    observer.onPlan(static_cast<std::int64_t>(job.examples.size()), 0);
    observer.onPhase(0, "evaluating");
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
    const std::vector<GeneratedAnswer> answers = answerAll(job, experiment, observer, control);
    if (control.stop) {
        return Outcome::Stopped;
    }
    observer.onMetrics(
        0, score.tokens,
        {{"validation.rouge_l", meanRougeL(answers)}, {"validation.exact_match", exactMatchRate(answers)}});
    writeAnswers(experiment, run, observer, answers);
    return Outcome::Finished;
}

Outcome runGeneration(const config::Experiment& experiment, const RunLayout& run, Observer& observer,
                      RunControl& control)
{
    AnswerJob job = prepare(experiment, observer);
    observer.onPlan(static_cast<std::int64_t>(job.examples.size()), 0);
    observer.onPhase(0, "generating");
    const std::vector<GeneratedAnswer> answers = answerAll(job, experiment, observer, control);
    writeAnswers(experiment, run, observer, answers);
    return control.stop ? Outcome::Stopped : Outcome::Finished;
}

} // namespace dskd::train
