#pragma once

// Answers of the student's own for distilling (on-policy, core/distill/METHOD.md 7.1): sampled in evaluation mode, the
// end of an answer is learned too, whichever of the model's ends it was. Everything random follows from seed, step and
// micro-batch, so a resumed run goes on as it would have.

#include "core/config/schema/experiment.h"
#include "core/model/causal_lm.h"
#include "core/model/generate.h"
#include "core/train/answers/answer_schedule.h"
#include "core/train/data/job_data.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace dskd::train
{

// Worker only, one thread.
class OnPolicy
{
public:
    // `tokenizers` must outlive it; `student` is the configuration of the model that answers (answerEnds).
    OnPolicy(const config::Experiment& experiment, const Tokenizers& tokenizers, const model::ModelConfig& student,
             std::int64_t stepsPerEpoch, std::int64_t totalSteps);

    [[nodiscard]] const AnswerSchedule& schedule() const { return m_schedule; }

    // An answer of the student's to the prompt of each of `examples`, whose numbers in the data are `numbers`. Answers
    // that are empty are left out, so that there may be fewer. With `teacher` they are sampled from the mixture.
    // Nothing once `stop` is set, which is read before every token: what there is may be cut anywhere.
    [[nodiscard]] std::optional<std::vector<OwnAnswer>>
    sampled(model::CausalLm& student, std::span<const Example* const> examples, std::span<const std::int64_t> numbers,
            std::int64_t update, std::int64_t batch, const std::optional<model::Mixture>& teacher = {},
            const std::atomic<bool>* stop = nullptr) const;

    // The prompt of `asked` with another answer, not empty, in the tokens of both sides, aligned. An answer that one of
    // the student's ends has ended keeps it, and the teacher's side ends by the teacher's own; one that was cut has no
    // end on either side. Either side may be left without a row where the answer does not fit.
    [[nodiscard]] Example exampleOf(const Example& asked, const std::vector<std::int64_t>& answer) const;

    // Examples of `answers` that have rows on both sides; `all` are the training examples.
    [[nodiscard]] std::vector<Example> examplesOf(std::span<const OwnAnswer> answers,
                                                  std::span<const Example> all) const;

private:
    config::Experiment m_experiment;
    const Tokenizers& m_tokenizers;
    std::vector<std::int64_t> m_ends; // the student's
    AnswerSchedule m_schedule;
};

} // namespace dskd::train
