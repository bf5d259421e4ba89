#pragma once

// Answers of the student's own for distilling (on-policy, method.md 7.1): sampled in evaluation mode, the end of an
// answer is learned too. Everything random follows from seed, step and micro-batch, so a resumed run goes on as it
// would have.

#include "core/config/experiment.h"
#include "core/model/causal_lm.h"
#include "core/train/job_data.h"

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace dskd::train
{

// Worker only, one thread.
class OnPolicy
{
public:
    // `tokenizers` must outlive it.
    OnPolicy(const config::Experiment& experiment, const Tokenizers& tokenizers, std::int64_t stepsPerEpoch);

    // Whether micro-batch `batch` of update `update` (both from 0) is distilled on the student's answers.
    [[nodiscard]] bool wants(std::int64_t update, std::int64_t batch) const;

    // One example for each of `examples`, with the same prompt and an answer of the student's. Answers that are empty
    // are left out, so that there may be fewer.
    [[nodiscard]] std::vector<Example> answers(model::CausalLm& student, std::span<const Example* const> examples,
                                               std::int64_t update, std::int64_t batch) const;

private:
    [[nodiscard]] Example exampleOf(const Example& asked, const std::vector<std::int64_t>& answer) const;

    config::Experiment m_experiment;
    const Tokenizers& m_tokenizers;
    std::int64_t m_stepsPerEpoch;
};

} // namespace dskd::train
