#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/distill/distiller.h"
#include "core/model/causal_lm.h"
#include "core/teacher/teacher_source.h"
#include "core/train/answers/on_policy.h"
#include "core/train/data/job_data.h"
#include "core/train/loop/adamw.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dskd::train
{

// Losses and gradients of one optimizer step, micro-batch by micro-batch.
struct StepParts {
    model::CausalLm& student;
    teacher::TeacherSource* teacher; // null for SFT
    distill::Distiller& distiller;
    AdamW& optimizer;
    const RunLayout& run;                // whose error it is
    const OnPolicy* onPolicy = nullptr;  // null: only the data's answers
    ScheduleState* ownAnswers = nullptr; // of onPolicy
    // Whether the run is asked to stop, which ends a step that samples answers; null: it never is.
    const std::atomic<bool>* stop = nullptr;
    bool measuresGradients = false; // of single terms, on the step's first micro-batch (term_gradients.h)
};

// What one micro-batch is made of.
struct Batch {
    std::vector<const Example*> examples;
    std::vector<std::int64_t> keys; // in the teacher's cache (TeacherSample::key)
};

struct StepResult {
    std::map<std::string, double> values; // the exact means over the step's response tokens
    std::int64_t rows = 0;                // response tokens of the student
    std::int64_t tokens = 0;              // student tokens that went through the model
    std::int64_t microBatches = 1;
    double asideSeconds = 0.0; // of its time what was spent on measuring
};

// The rows of both models for one micro-batch, and how they belong together: student forward (with graph unless
// gradients are off), teacher rows. Without `training` nothing is dropped out.
//   returns  shapes and integer types as in batch/step_rows.h; hidden states, heads and embeddings in the dtype of
//            their model. Without `teacher` its side is undefined and nothing is aligned
// As many keys as examples; no example without a scored row on a side that takes part. Throws c10::Error when a token
// has no row in the embedding of its model; whether the rows of both sides fit each other is for the distiller to
// check.
[[nodiscard]] batch::StepRows stepRows(model::CausalLm& student, teacher::TeacherSource* teacher, const Batch& batch,
                                       config::LossOn lossOn, config::Alignment alignment, double denominator,
                                       bool training);

// The samples of the data with these numbers.
[[nodiscard]] Batch batchOf(std::span<const Example> examples, const std::vector<std::int64_t>& indices);

// A value of a step is NaN or infinite.
class NotFiniteError : public Error
{
public:
    NotFiniteError(Failure failure, std::int64_t step, std::map<std::string, double> values)
        : Error(std::move(failure)), m_step(step), m_values(std::move(values))
    {
    }
    [[nodiscard]] std::int64_t step() const { return m_step; } // from 1
    // What is not finite, by name: points of the run's curves like others.
    [[nodiscard]] const std::map<std::string, double>& values() const { return m_values; }

private:
    std::int64_t m_step;
    std::map<std::string, double> m_values;
};

// Adds the values of a part of the loss to `result` and its gradients to the optimizer, its loss weighed by `weight`.
// Throws NotFiniteError when a term is NaN or infinite.
void learn(const StepParts& parts, const distill::LossTerms& terms, StepResult& result, std::int64_t step,
           double weight = 1.0);

// Runs forward and backward of every micro-batch and leaves the gradients in the optimizer. Nothing when it was asked
// to stop while it sampled answers: then no gradient is left and `ownAnswers` is as it was, as if the step had not
// begun. Throws NotFiniteError when a term of the loss is NaN or infinite; no parameter has been touched then.
[[nodiscard]] std::optional<StepResult> runStep(const StepParts& parts, std::span<const Example> examples,
                                                const std::vector<std::vector<std::int64_t>>& microBatches,
                                                config::LossOn lossOn, std::int64_t step);

// The error that ends `run`, at `step`. `values`: what is not finite, `term` the cause of it.
[[noreturn]] void throwNotFinite(const RunLayout& run, const std::string& term,
                                 const std::map<std::string, double>& values, std::int64_t step);

} // namespace dskd::train
