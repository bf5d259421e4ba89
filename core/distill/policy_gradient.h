#pragma once

// The policy gradient of MiniLLM (Gu et al., ICLR 2024): the reverse KL of whole answers, lowered by rewarding what the
// teacher finds likelier than the student. Pure functions; everything per token, gradients in closed form.
//
// Shapes: R response tokens of all answers, answer after answer. q student, p teacher, log-probabilities at temperature
// 1 of the very tokens that were sampled. One number a token is a tensor (R) of any float type, and results keep the
// type and the device of their arguments unless stated otherwise; training uses float64.

#include "core/batch/step_rows.h"
#include "core/config/schema/experiment.h"
#include "core/distill/loss_terms.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <span>
#include <string_view>

namespace dskd::distill
{

// (log p - log q) / scaling, clipped to +-clip.
//   both log-probabilities (R)
//   returns (R)
// Throws c10::Error naming the shapes unless both are one number a token.
[[nodiscard]] at::Tensor tokenRewards(const at::Tensor& studentLogProbs, const at::Tensor& teacherLogProbs,
                                      double scaling, double clip);

// What each token is credited with (R): the discounted rewards from it on to the end of its answer,
//   G_t = r_t + discount G_t+1,
// over the tokens that remain (itself among them) with lengthNormalisation. Where the single-step term learns exactly
// what a token earns by itself, `fromNext` begins the sum, and the count, behind it (MiniLLM, Eqn. 5); the last token
// of an answer is then credited with 0.
//   rewards  (R)
//   lengths  tokens of every answer, sums to R
//   returns  (R) float64 on the CPU
// Throws c10::Error naming the sums when the lengths do not add up to R.
[[nodiscard]] at::Tensor tokenReturns(const at::Tensor& rewards, std::span<const std::int64_t> lengths, double discount,
                                      bool lengthNormalisation, bool fromNext);

// Mean 0 and standard deviation 1 over all tokens, (R) to (R); zeros where all are alike, nothing of nothing. Meant for
// float64: what spread counts as rounding is judged by that.
[[nodiscard]] at::Tensor whitened(const at::Tensor& values);

// q / ((1 - mix) q + mix p): how much likelier a token was for the student than in the mixture it was sampled from.
//   both log-probabilities (R)
//   returns (R)
// Throws c10::Error naming the shapes unless both are one number a token.
[[nodiscard]] at::Tensor importanceWeights(const at::Tensor& studentLogProbs, const at::Tensor& teacherLogProbs,
                                           double mix);

struct Surrogate {
    at::Tensor values;   // (R) max(-A r, -A clip(r, 1 - clip, 1 + clip)), r = weight exp(log q - old log q)
    at::Tensor gradient; // (R) of the values by log q: -A r, or 0 where the clipped branch is the larger one
    at::Tensor clipped;  // (R) bool: no gradient because of the clip
};

// PPO's clipped objective with importance weights. `logProbs` of the student as it is, `oldLogProbs` as it sampled; all
// four (R). Throws c10::Error naming the shapes unless log-probabilities, and weights and advantages, are as many.
[[nodiscard]] Surrogate clippedSurrogate(const at::Tensor& logProbs, const at::Tensor& oldLogProbs,
                                         const at::Tensor& weights, const at::Tensor& advantages, double clipRatio);

// Answers that were sampled before, as they stand with the student of now.
struct PolicyRows {
    batch::SideRows student;  // hidden (R, d) with graph, labels (R): the sampled tokens, head (V, d)
    batch::SideRows teacher;  // hidden (R, D), head (V, D): the student's columns; only with config.singleStep
    at::Tensor oldLogProbs;   // (R), here and below any float type; computed in float64
    at::Tensor weights;       // (R)
    at::Tensor advantages;    // (R)
    double denominator = 1.0; // response tokens of all rollouts of the optimizer step
};

// The loss of a micro-batch; values are sums / denominator:
//   pg_loss           the clipped surrogate
//   single_step_loss  KL(q || p) of every position over the whole vocabulary, with config.singleStep
//   clip_share        tokens whose gradient was clipped away
//   loss              the sum of both losses
// `only`: LossTerms::loss has the gradient of pg_loss or single_step_loss alone; empty: of both.
// [R, vocabulary] never exists as a whole: a first pass finds the log-probabilities chunk by chunk, a second one is a
// cross-entropy whose label weights give it the surrogate's gradient. Gradients reach the student's hidden states and
// head only.
//   returns  loss () float64
// Throws c10::Error naming the shapes when rows, labels and numbers a token are not as many, and when the denominator
// is not positive.
[[nodiscard]] LossTerms policyGradientLoss(const PolicyRows& rows, const config::PolicyGradientConfig& config,
                                           std::int64_t chunkRows, std::string_view only = {});

} // namespace dskd::distill
