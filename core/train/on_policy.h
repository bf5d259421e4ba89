#pragma once

// Answers of the student's own for distilling (on-policy, method.md 7.1): sampled in evaluation mode, the end of an
// answer is learned too. Everything random follows from seed, step and micro-batch, so a resumed run goes on as it
// would have.

#include "core/config/experiment.h"
#include "core/model/causal_lm.h"
#include "core/model/generate.h"
#include "core/train/answer_schedule.h"
#include "core/train/job_data.h"

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
    // `tokenizers` must outlive it.
    OnPolicy(const config::Experiment& experiment, const Tokenizers& tokenizers, std::int64_t stepsPerEpoch,
             std::int64_t totalSteps);

    [[nodiscard]] const AnswerSchedule& schedule() const { return m_schedule; }

    // An answer of the student's to the prompt of each of `examples`, whose numbers in the data are `numbers`. Answers
    // that are empty are left out, so that there may be fewer. With `teacher` they are sampled from the mixture.
    [[nodiscard]] std::vector<OwnAnswer> sampled(model::CausalLm& student, std::span<const Example* const> examples,
                                                 std::span<const std::int64_t> numbers, std::int64_t update,
                                                 std::int64_t batch,
                                                 const std::optional<model::Mixture>& teacher = {}) const;

    // The prompt of `asked` with another answer, in the tokens of both sides, aligned. Either side may be left without
    // a row where the answer does not fit.
    [[nodiscard]] Example exampleOf(const Example& asked, const std::vector<std::int64_t>& answer) const;

    // Examples of `answers` that have rows on both sides; `all` are the training examples.
    [[nodiscard]] std::vector<Example> examplesOf(std::span<const OwnAnswer> answers,
                                                  std::span<const Example> all) const;

private:
    config::Experiment m_experiment;
    const Tokenizers& m_tokenizers;
    AnswerSchedule m_schedule;
};

} // namespace dskd::train
