#pragma once

// MiniLLM (Gu et al., ICLR 2024): sets of answers that student and teacher sample together, several optimizer steps on
// each, and beside them the data's answers. The mathematics are in core/distill/policy_gradient.h.

#include "core/config/schema/experiment.h"
#include "core/train/answers/answer_state.h"
#include "core/train/answers/on_policy.h"
#include "core/train/data/batch_order.h"
#include "core/train/loop/step.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace dskd::train
{

// What the trainer calls instead of runStep for Objective::PolicyGradient. Worker only, one thread.
//
// A set of policy_gradient.rollouts prompts is answered; the optimizer takes steps of train.batch_size x
// train.accumulation answers, policy_gradient.inner_epochs times over the set, then a new set is sampled. Each step
// adds policy_gradient.data_rate x [(1 - kd_rate) cross-entropy + kd_rate KD] of as many of the data's answers: what
// method.kd_rate, method.space and method.distance apply to these.
//
// The student runs without dropout on rollouts, when it samples and when it learns: the importance ratio compares it
// with itself.
class PolicyGradient
{
public:
    // `tokenizers` must outlive it; `student` is the configuration of the model that answers.
    PolicyGradient(const config::Experiment& experiment, const Tokenizers& tokenizers,
                   const model::ModelConfig& student, std::int64_t numSamples);

    // One optimizer step (from 0: `update`): leaves the gradients in the optimizer. Samples a new set when `set` has
    // been used up, and counts in it. Values besides those of the data's answers: pg_loss, single_step_loss, clip_share
    // (of this step's rollouts); reward (scaled and clipped), rev_kl and answer_length (means over the set as it was
    // sampled). Nothing when it was asked to stop while it sampled: `set` is as it was, and no gradient is left. Throws
    // Error(NotFinite), and Error(BadData) when no prompt leaves room for an answer.
    [[nodiscard]] std::optional<StepResult> step(const StepParts& parts, RolloutSet& set,
                                                 std::span<const Example> examples,
                                                 const std::vector<std::vector<std::int64_t>>& dataBatches,
                                                 std::int64_t update);

private:
    [[nodiscard]] std::int64_t updatesOf(const RolloutSet& set) const;
    [[nodiscard]] bool sample(const StepParts& parts, RolloutSet& set, std::span<const Example> examples);
    void prepareRollouts(const StepParts& parts, const RolloutSet& set, std::span<const Example> examples);
    void learnRollouts(const StepParts& parts, const RolloutSet& set, const std::vector<std::int64_t>& numbers,
                       std::int64_t rows, std::int64_t update, bool isFirst, StepResult& result) const;

    config::Experiment m_experiment;
    OnPolicy m_onPolicy;
    std::int64_t m_columns; // tokens of the vocabulary; heads may be padded beyond
    BatchOrder m_prompts;   // of each set
    // Of the set in use, made again when a run resumes:
    std::int64_t m_known = 0; // its number; 0: none
    std::vector<Example> m_examples;
    std::vector<at::Tensor> m_teacherHidden; // (tokens, D) of each rollout
};

} // namespace dskd::train
