#include "core/train/loop/step.h"

#include "core/base/checkpoint_folders.h"
#include "core/batch/model_rows.h"
#include "core/metrics/metric_table.h"
#include "core/train/loop/term_gradients.h"

#include <cmath>
#include <optional>
#include <utility>

namespace dskd::train
{

batch::StepRows stepRows(model::CausalLm& student, teacher::TeacherSource* teacher, const Batch& batch,
                         config::LossOn lossOn, config::Alignment alignment, double denominator, bool training)
{
    std::vector<const dataset::Sample*> samples;
    std::vector<teacher::TeacherSample> teacherSamples;
    std::vector<const RowAlignment*> alignments;
    for (std::size_t i = 0; i < batch.examples.size(); ++i) {
        const Example& example = *batch.examples[i];
        samples.push_back(&example.student);
        teacherSamples.push_back({batch.keys[i], &example.teacher});
        alignments.push_back(&example.alignment);
    }
    batch::StepRows rows;
    rows.denominator = denominator;
    const batch::PaddedBatch* const padded = teacher != nullptr ? teacher->padded() : nullptr;
    rows.student = padded != nullptr && padded->states
                       ? batch::runPadded(student, samples, lossOn, padded->length, padded->studentPadding, training)
                       : batch::runPacked(student, samples, lossOn, training);
    if (teacher != nullptr) {
        rows.teacher = teacher->rows(teacherSamples);
        setAlignment(rows, alignments, alignment, rows.student.head.device());
    }
    return rows;
}

Batch batchOf(std::span<const Example> examples, const std::vector<std::int64_t>& indices)
{
    Batch batch;
    for (const std::int64_t index : indices) {
        batch.examples.push_back(&examples[static_cast<std::size_t>(index)]);
        batch.keys.push_back(index);
    }
    return batch;
}

void learn(const StepParts& parts, const distill::LossTerms& terms, StepResult& result, std::int64_t step,
           double weight)
{
    if (const std::vector<std::string> bad = distill::nonFiniteTerms(terms); !bad.empty()) {
        std::map<std::string, double> values;
        for (const std::string& term : bad) {
            values[term] = terms.values.at(term);
        }
        throwNotFinite(parts.run, bad.front(), values, step);
    }
    for (const auto& [name, value] : terms.values) {
        result.values[name] += name == metrics::kLoss ? weight * value : value;
    }
    (weight == 1.0 ? terms.loss : terms.loss.mul(weight)).backward();
    parts.optimizer.collectGradients();
}

namespace
{

// What addTermGradients uses of a part of the distiller's loss. Only of a step's first micro-batch.
void measureGradients(const StepParts& parts, const batch::StepRows& rows, distill::LossPart part, bool ownAnswers,
                      std::int64_t number, StepResult& result)
{
    if (number == 0) {
        addTermGradients(
            parts, parts.distiller.termsOfStudent(part),
            [&](const std::string& term) { return parts.distiller.compute(rows, part, ownAnswers, term); }, result);
    }
}

// Answers of the student's own to the prompts of a micro-batch, or as many that it gave before. Nothing when stopped.
std::optional<std::vector<Example>> ownAnswers(const StepParts& parts, std::span<const Example> examples,
                                               const Batch& batch, AnswersFrom from, std::int64_t step,
                                               std::int64_t number)
{
    const AnswerSchedule& schedule = parts.onPolicy->schedule();
    if (from == AnswersFrom::Buffer) {
        const auto count = static_cast<std::int64_t>(batch.examples.size());
        return parts.onPolicy->examplesOf(schedule.replayed(count, step - 1, number, *parts.ownAnswers), examples);
    }
    const std::optional<std::vector<OwnAnswer>> answers =
        parts.onPolicy->sampled(parts.student, batch.examples, batch.keys, step - 1, number, {}, parts.stop);
    if (!answers) {
        return std::nullopt;
    }
    if (schedule.adaptive()) {
        schedule.addToBuffer(*answers, *parts.ownAnswers);
    }
    return parts.onPolicy->examplesOf(*answers, examples);
}

// Cross-entropy on the data's answers, distillation on the student's own. The means over these are weighted as the
// data's tokens would be. False when stopped.
bool learnOnPolicy(const StepParts& parts, std::span<const Example> examples, const Batch& batch, AnswersFrom from,
                   config::LossOn lossOn, std::int64_t step, std::int64_t number, StepResult& result)
{
    const config::Alignment alignment = parts.distiller.method().alignment;
    const auto denominator = static_cast<double>(result.rows);
    const batch::StepRows gold =
        stepRows(parts.student, nullptr, batch, lossOn, alignment, denominator, /*training=*/true);
    measureGradients(parts, gold, distill::LossPart::CrossEntropy, /*ownAnswers=*/false, number, result);
    learn(parts, parts.distiller.compute(gold, distill::LossPart::CrossEntropy), result, step);
    const std::optional<std::vector<Example>> answers = ownAnswers(parts, examples, batch, from, step, number);
    if (!answers || answers->empty()) {
        return answers.has_value();
    }
    Batch own;
    std::int64_t ownRows = 0;
    for (const Example& answer : *answers) {
        own.examples.push_back(&answer);
        own.keys.push_back(-1); // never seen again
        ownRows += answer.student.rows();
        result.tokens += static_cast<std::int64_t>(answer.student.ids.size()) - 1;
    }
    const auto goldRows = static_cast<double>(gold.student.hidden.size(0));
    batch::StepRows rows = stepRows(parts.student, parts.teacher, own, lossOn, alignment,
                                    denominator * static_cast<double>(ownRows) / goldRows, /*training=*/true);
    rows.microBatches = static_cast<double>(result.microBatches);
    rows.number = {step - 1, number};
    measureGradients(parts, rows, distill::LossPart::Distillation, /*ownAnswers=*/true, number, result);
    learn(parts, parts.distiller.compute(rows, distill::LossPart::Distillation, /*ownAnswers=*/true), result, step);
    result.values["on_policy.tokens"] += static_cast<double>(ownRows);
    if (from == AnswersFrom::Buffer) {
        result.values["on_policy.replayed"] += static_cast<double>(ownRows);
    }
    return true;
}

} // namespace

std::optional<StepResult> runStep(const StepParts& parts, std::span<const Example> examples,
                                  const std::vector<std::vector<std::int64_t>>& microBatches, config::LossOn lossOn,
                                  std::int64_t step)
{
    StepResult result;
    std::optional<ScheduleState> before; // of the answers: the micro-batches add to them
    result.microBatches = static_cast<std::int64_t>(microBatches.size());
    parts.distiller.beginStep();
    if (parts.onPolicy != nullptr && parts.onPolicy->schedule().adaptive()) {
        result.values["on_policy.threshold"] = parts.onPolicy->schedule().threshold(*parts.ownAnswers);
        result.values["on_policy.replayed"] = 0.0; // tokens, of the on_policy.tokens below
        before = *parts.ownAnswers;
    }
    for (const std::vector<std::int64_t>& batch : microBatches) {
        for (const std::int64_t index : batch) {
            const dataset::Sample& sample = examples[static_cast<std::size_t>(index)].student;
            result.rows += batch::numScoredRows(sample, lossOn);
            result.tokens += static_cast<std::int64_t>(sample.ids.size()) - 1;
        }
    }
    for (std::size_t i = 0; i < microBatches.size(); ++i) {
        const Batch batch = batchOf(examples, microBatches[i]);
        const auto number = static_cast<std::int64_t>(i);
        if (parts.onPolicy != nullptr) {
            const AnswersFrom from = parts.onPolicy->schedule().pick(step - 1, number, *parts.ownAnswers);
            if (from != AnswersFrom::Data) {
                if (learnOnPolicy(parts, examples, batch, from, lossOn, step, number, result)) {
                    continue;
                }
                if (before) {
                    *parts.ownAnswers = std::move(*before);
                }
                parts.optimizer.clearGradients();
                return std::nullopt;
            }
        }
        batch::StepRows rows = stepRows(parts.student, parts.teacher, batch, lossOn, parts.distiller.method().alignment,
                                        static_cast<double>(result.rows), /*training=*/true);
        rows.microBatches = static_cast<double>(result.microBatches);
        rows.number = {step - 1, number};
        measureGradients(parts, rows, distill::LossPart::All, /*ownAnswers=*/false, number, result);
        learn(parts, parts.distiller.compute(rows), result, step);
    }
    return result;
}

void throwNotFinite(const RunLayout& run, const std::string& term, const std::map<std::string, double>& values,
                    std::int64_t step)
{
    const double value = values.at(term);
    const std::string shown = std::isnan(value) ? "NaN" : (value > 0 ? "infinite" : "minus infinite");
    // Resuming would compute the same value again: seed, data and rates are those of the configuration.
    const std::string id = (run.root / "").parent_path().filename().string(); // with or without a slash at the end
    const std::optional<std::int64_t> checkpoint = latestCheckpoint(run);
    throw NotFiniteError(
        {"Training stopped at step " + std::to_string(step) + ": " + term + " became " + shown + ".",
         "Likely causes: a learning rate that is too high (train.lr, projector.lr), no warm-up "
         "(train.warmup_steps), no clipping (train.clip_norm), or weights that hold NaN already. Start a "
         "new run of this configuration with a lower learning rate: in the window by Run, Duplicate; on the command "
         "line "
         "from what `dskd show " +
             id + " --config` prints." +
             (checkpoint ? " The checkpoint of step " + std::to_string(*checkpoint) + " is intact." : std::string()),
         FailureKind::NotFinite},
        step, values);
}

} // namespace dskd::train
