#include "core/train/loop/trainer.h"

#include "core/base/random_stream.h"
#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/method_traits.h"
#include "core/metrics/metric_table.h"
#include "core/metrics/run_phases.h"
#include "core/preflight/rules.h"
#include "core/train/answers/answers.h"
#include "core/train/answers/teacher_answers.h"
#include "core/train/evaluate/probe_samples.h"
#include "core/train/evaluate/token_score.h"
#include "core/train/job/device.h"
#include "core/train/job/memory.h"
#include "core/train/loop/micro_batches.h"

#include <ATen/Context.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace dskd::train
{
namespace
{

// Before how far the answers are, in a heartbeat.
std::string whileValidating()
{
    return std::string(metrics::kValidatingPhase) + ", ";
}

LearningRate makeRate(const config::Experiment& experiment, double peak, std::int64_t steps)
{
    const config::TrainConfig& train = experiment.train;
    return {train.schedule, peak, train.minLr, config::ignoresWarmup(experiment) ? 0 : train.warmupSteps, steps};
}

std::vector<const dataset::Sample*> studentSamples(const std::vector<Example>& examples)
{
    std::vector<const dataset::Sample*> samples;
    for (const Example& example : examples) {
        samples.push_back(&example.student);
    }
    return samples;
}

// What ends the answers of a student of conversations; the files of its model name the end of a text only. The
// tokenizer keeps its own end, which is part of other texts' meaning.
std::optional<std::int64_t> endOfTurn(const tokenizer::Tokenizer* tokenizer)
{
    if (tokenizer == nullptr || tokenizer->chatTemplate() == nullptr || !tokenizer->special().eos) {
        return std::nullopt;
    }
    return *tokenizer->special().eos;
}

} // namespace

Trainer::Trainer(const config::Experiment& experiment, const RunLayout& run, TrainingSetup& setup, Observer& observer,
                 RunControl& control)
    : m_experiment(experiment), m_run(run), m_setup(setup), m_observer(observer), m_control(control),
      m_order(experiment.seed, static_cast<std::int64_t>(setup.examples.size()), experiment.train.batchSize,
              experiment.train.accumulation),
      m_totalSteps(preflight::totalSteps(experiment.train, m_order.stepsPerEpoch())),
      m_rate(makeRate(experiment, experiment.train.lr, m_totalSteps)),
      m_projectorRate(makeRate(experiment, experiment.projector.lr, m_totalSteps)),
      m_criticRate(makeRate(experiment, experiment.keyQuery.lr, m_totalSteps)),
      m_samplesAtOnce(experiment.train.batchSize)
{
    if (setup.teacher != nullptr && experiment.onPolicy.ratio > 0) {
        m_onPolicy = std::make_unique<OnPolicy>(experiment, setup.tokenizers, setup.student->config(),
                                                m_order.stepsPerEpoch(), m_totalSteps);
    }
    if (experiment.method.objective == config::Objective::PolicyGradient) {
        m_policyGradient = std::make_unique<PolicyGradient>(experiment, setup.tokenizers, setup.student->config(),
                                                            static_cast<std::int64_t>(setup.examples.size()));
    }
    m_probes = makeProbes(experiment, setup, observer);
}

Outcome Trainer::run()
{
    m_observer.onPlan(m_totalSteps, m_order.stepsPerEpoch());
    m_observer.onPhase(m_setup.state.step, metrics::kTrainingPhase);
    if (m_setup.state.step > 0) {
        m_savedStep = m_setup.state.step;
        pruneCheckpoints(m_run, m_experiment.checkpoint.keep); // a kill may have come between checkpoint and pruning
        m_observer.onEvent(m_setup.state.step, "resumed",
                           "Resumed after step " + std::to_string(m_setup.state.step) + ".");
    } else {
        if (m_probes != nullptr) {
            m_probes->record(0, 0, m_observer);
        }
        answerBeforeTraining();
    }
    const bool wasDue = m_setup.state.validationDue; // a stop came before it
    if (wasDue || wantsFirstValidation()) {
        validate();
        if (wasDue && !m_setup.state.validationDue) {
            // its rows are on disk before it counts as done
            m_observer.onPhase(m_setup.state.step, metrics::kSavingPhase);
            writeTrainerState({m_run.checkpoint(m_setup.state.step)}, m_setup.state);
        }
    }
    while (m_setup.state.step < m_totalSteps) {
        if (m_control.stop || !stepWithRecord()) {
            saveCheckpoint();
            return Outcome::Stopped;
        }
        afterStep();
    }
    return m_setup.state.validationDue ? Outcome::Stopped : Outcome::Finished;
}

bool Trainer::stepWithRecord()
{
    try {
        return step();
    } catch (const NotFiniteError& error) {
        m_observer.onMetrics(error.step(), m_setup.state.tokens, error.values());
        throw;
    }
}

void Trainer::answerBeforeTraining()
{
    const auto count =
        std::min(m_setup.validation.size(), static_cast<std::size_t>(m_experiment.validation.generateSamples));
    if (count == 0) {
        return;
    }
    m_observer.onPhase(0, metrics::kValidatingPhase);
    const auto answer = [&](Side of, model::CausalLm& model, const tokenizer::Tokenizer& tokenizer,
                            const std::vector<Example>& examples) {
        AnswerOptions options = answerOptions(m_experiment);
        AnswerProgress progress = answerProgress(examples.size(), options, m_observer, 0, whileValidating());
        options.progress = &progress;
        const std::vector<GeneratedAnswer> answers =
            answerPrompts(model, tokenizer, examples, options, &m_control.stop);
        if (!m_control.stop) { // what there is may be cut short; a resumed run begins here again
            m_observer.onBaselineAnswers(of, answers);
        }
    };
    std::vector<Example> asked(m_setup.validation.begin(),
                               m_setup.validation.begin() + static_cast<std::ptrdiff_t>(count));
    answer(Side::Student, *m_setup.student, *m_setup.tokenizers.student, asked);
    const Tokenizers* tokenizers = &m_setup.tokenizers;
    teacher::TeacherSource* source = m_setup.teacher.get();
    if (m_setup.probeTeacher) {
        tokenizers = &m_setup.probeTeacher->tokenizers;
        source = m_setup.probeTeacher->teacher.get();
        asked =
            forProbeTeacher(std::move(asked), m_experiment.data.validation, m_experiment.data, *tokenizers, m_observer);
    }
    // Answers are identified by their place among the prompts, so one that is left out leaves out all.
    if (source != nullptr && source->liveModel() != nullptr && asked.size() == count) {
        for (Example& example : asked) {
            example.student = example.teacher; // its prompt in the teacher's tokens
        }
        answer(Side::Teacher, *source->liveModel(), *tokenizers->teacher, asked);
    }
    m_observer.onPhase(0, metrics::kTrainingPhase);
}

std::optional<StepResult> Trainer::computeGradients(std::int64_t update)
{
    TrainerState& state = m_setup.state;
    const StepParts parts{
        *m_setup.student, m_setup.teacher.get(), *m_setup.distiller, *m_setup.optimizer,           m_run,
        m_onPolicy.get(), &state.ownAnswers,     &m_control.stop,    measuresGradients(update + 1)};
    const MicroBatches whole = m_order.microBatches(update);
    while (true) {
        at::manual_seed(streamSeed(streamSeed(m_experiment.seed, "dropout"), "step " + std::to_string(update)));
        const MicroBatches batches = dividedInto(whole, m_samplesAtOnce);
        const std::int64_t largest = samplesOfLargest(batches);
        try {
            return m_policyGradient != nullptr
                       ? m_policyGradient->step(parts, state.rollouts, m_setup.examples, batches, update)
                       : runStep(parts, m_setup.examples, batches, m_experiment.data.lossOn, update + 1);
        } catch (const std::exception& error) {
            if (!isOutOfMemory(error) || largest < 2 || !dividesFreely(m_experiment)) {
                throw;
            }
        }
        // behind the handler: what the exception held is free now
        m_setup.optimizer->clearGradients();
        releaseUnusedMemory(m_setup.device);
        m_samplesAtOnce = largest / 2;
        m_observer.onEvent(update, "warning",
                           "Memory ran out in step " + std::to_string(update + 1) + " with micro-batches of " +
                               std::to_string(largest) + " samples. The run goes on with " +
                               std::to_string(m_samplesAtOnce) +
                               " at once, which gives the same losses and gradients up to rounding and takes longer.");
    }
}

bool Trainer::step()
{
    TrainerState& state = m_setup.state;
    const auto begin = std::chrono::steady_clock::now();
    const std::int64_t update = state.step; // updates done so far: the number of this one, counted from 0
    std::optional<StepResult> done = computeGradients(update);
    if (!done) {
        return false;
    }
    StepResult& result = *done;
    const double norm = m_setup.optimizer->clipGradients(m_experiment.train.clipNorm);
    if (!std::isfinite(norm)) {
        const std::string name(metrics::kGradientNorm);
        throwNotFinite(m_run, name, {{name, norm}}, update + 1);
    }
    const double rate = m_rate.at(update);
    const double projectorRate = m_projectorRate.at(update);
    const double criticRate = m_criticRate.at(update);
    m_setup.optimizer->step({{kStudentGroup, rate}, {kProjectorGroup, projectorRate}, {kCriticGroup, criticRate}});
    state.step += 1;
    state.tokens += result.rows;
    state.validationLoss.reset();
    state.validationDue = false;

    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() - result.asideSeconds;
    std::map<std::string, double>& values = result.values;
    values[std::string(metrics::kGradientNorm)] = norm;
    values["lr"] = rate;
    if (!m_setup.distiller->projectors().empty()) {
        values["projector_lr"] = projectorRate;
    }
    if (!m_setup.distiller->critics().empty()) {
        values["critic_lr"] = criticRate;
    }
    values["tokens_per_second"] = static_cast<double>(result.tokens) / seconds;
    values["step_seconds"] = seconds;
    values["memory_bytes"] = static_cast<double>(memoryInUse(m_setup.device));
    values["epoch"] = static_cast<double>(state.step) / static_cast<double>(m_order.stepsPerEpoch());
    m_observer.onMetrics(state.step, state.tokens, values);
    return true;
}

bool Trainer::wantsFirstValidation() const
{
    return m_setup.state.step == 0 && m_onPolicy != nullptr && m_onPolicy->schedule().adaptive() &&
           !m_setup.state.ownAnswers.validationLoss && !m_setup.validation.empty();
}

bool Trainer::measuresGradients(std::int64_t number) const
{
    const std::int64_t every = m_experiment.log.gradientNormEvery;
    return every > 0 && (number == m_totalSteps || number % every == 0);
}

bool Trainer::due(std::int64_t every) const
{
    return every > 0 && m_setup.state.step % every == 0;
}

void Trainer::afterStep()
{
    const bool last = m_setup.state.step == m_totalSteps;
    if (m_probes != nullptr && (last || due(m_experiment.log.probeEvery))) {
        m_probes->record(m_setup.state.step, m_setup.state.tokens, m_observer);
    }
    if (!m_setup.validation.empty() && (last || due(m_experiment.validation.every))) {
        validate();
    }
    const bool asked = m_control.checkpoint.exchange(false);
    if (last || asked || due(m_experiment.checkpoint.every)) {
        saveCheckpoint();
    }
}

void Trainer::validate()
{
    TrainerState& state = m_setup.state;
    m_observer.onPhase(state.step, metrics::kValidatingPhase);
    state.validationDue = true; // until it is finished
    const TokenScore score = scoreTokens(*m_setup.student, studentSamples(m_setup.validation), m_experiment.data.lossOn,
                                         m_experiment.train.batchSize, m_experiment.train.chunkRows, &m_control.stop);
    std::map<std::string, double> values{{"validation.loss", score.loss}, {"validation.accuracy", score.accuracy}};
    std::vector<GeneratedAnswer> answers;
    const auto count =
        std::min(m_setup.validation.size(), static_cast<std::size_t>(m_experiment.validation.generateSamples));
    if (count > 0) {
        AnswerOptions options = answerOptions(m_experiment);
        AnswerProgress progress = answerProgress(count, options, m_observer, state.step, whileValidating());
        options.progress = &progress;
        answers = answerPrompts(*m_setup.student, *m_setup.tokenizers.student,
                                std::span(m_setup.validation).first(count), options, &m_control.stop);
        values["validation.rouge_l"] = meanRougeL(answers);
        values["generated_tokens_per_second"] = progress.tokensPerSecond();
    }
    if (m_control.stop) {
        return; // what there is may be cut short
    }
    state.validationDue = false;
    state.validationLoss = score.loss;
    if (m_onPolicy != nullptr) {
        m_onPolicy->schedule().validated(score.loss, state.ownAnswers);
    }
    if (!answers.empty()) {
        m_observer.onAnswers(state.step, answers);
    }
    m_observer.onMetrics(state.step, state.tokens, values);
    m_observer.onPhase(state.step, metrics::kTrainingPhase);
}

void Trainer::saveCheckpoint()
{
    const std::int64_t step = m_setup.state.step;
    if (step == m_savedStep) {
        return;
    }
    m_observer.onPhase(step, metrics::kSavingPhase);
    const CheckpointLayout folder{m_run.checkpoint(step)};
    writeCheckpoint(
        folder, *m_setup.student,
        {m_experiment.student.model, m_setup.tokenizers.studentFolder, endOfTurn(m_setup.tokenizers.student.get())},
        *m_setup.distiller, *m_setup.optimizer, m_setup.state, m_experiment.lora.saved);
    pruneCheckpoints(m_run, m_experiment.checkpoint.keep);
    m_savedStep = step;
    m_observer.onCheckpoint(step, folder.root.string());
    m_observer.onPhase(step, metrics::kTrainingPhase);
}

Outcome runTraining(const config::Experiment& experiment, const RunLayout& run, Observer& observer, RunControl& control)
{
    makeDeterministic(experiment.train.threads);
    if (experiment.data.answers == config::AnswerSource::Teacher &&
        !answerByTeacher(experiment, run, observer, control.stop)) {
        return Outcome::Stopped;
    }
    observer.onPhase(0, metrics::kLoadingPhase);
    removeInterruptedCheckpoints(run);
    std::optional<TrainingSetup> setup = prepareTraining(experiment, run, observer, &control.stop);
    return setup ? Trainer(experiment, run, *setup, observer, control).run() : Outcome::Stopped;
}

} // namespace dskd::train
