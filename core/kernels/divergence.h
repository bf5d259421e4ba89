#pragma once

// Distances between next-token distributions, row by row, with closed-form gradients. No autograd: the caller decides
// what to do with the gradient (head_loss.h). Any device; computed in float32, or in float64 for float64 logits.
//
// Shapes: R rows, V vocabulary.

#include "core/base/distance.h"

#include <ATen/core/Tensor.h>

namespace dskd::kernels
{

// The parameters that a distance may need. Defaults are the published ones.
struct DivergenceOptions {
    Distance distance = Distance::Kl;
    double temperature = 1.0;        // both sides' logits are divided by this
    double teacherTemperature = 1.0; // the target's logits are divided by this too
    double skewLambda = 0.1;         // SKL, SRKL
    double adaptiveAlpha = 0.5;      // AKL: largest probability mass of the tail
    double beta = 0.5;               // Sym, Gjs
    bool temperatureSquared = false; // multiply the value by temperature^2
};

struct DivergenceRows {
    at::Tensor values;   // (R) nats
    at::Tensor gradient; // (R, V) of each row's value by the student's logits; undefined unless asked for
};

// D(p || q) of every row, p = softmax(target / (temperature * teacherTemperature)), q = softmax(student / temperature):
//   KL    sum p (log p - log q)
//   RKL   sum q (log q - log p)
//   JS    1/2 sum p (log(p+e) - log(m+e)) + 1/2 sum q (log(q+e) - log(m+e)),  m = (p+q)/2, e = 1e-9 as published
//   SKL   KL(p || lambda p + (1-lambda) q)
//   SRKL  KL(q || (1-lambda) p + lambda q)
//   AKL   h/(h+t) KL + t/(h+t) RKL, where t sums |p-q| over the tail, the least probable tokens of p whose mass reaches
//         at most adaptiveAlpha, and h over the others; both are constants for the gradient; 0 where p = q
//   TVD   1/2 sum |p - q|
//   SYM   (1-beta) KL + beta RKL
//   GJS   beta KL(p || m) + (1-beta) KL(q || m), m = beta p + (1-beta) q, as GKD defines it; KL for beta 0, RKL for 1
//   ULD   sum |p_(v) - q_(v)| of the probabilities sorted from large to small, the shorter list filled up with 0;
//   without
//         temperatures, as published; the only one whose sides may differ in vocabulary
// 0 log 0 is 0. RKL leaves tokens out that the target excludes by a logit of -inf, as the reference code does; the
// exact value would be infinite.
//
// Throws c10::Error naming the shapes when they disagree (rows only for ULD), or when a temperature is not positive.
[[nodiscard]] DivergenceRows divergence(const at::Tensor& studentLogits, const at::Tensor& targetLogits,
                                        const DivergenceOptions& options, bool withGradient = true);

} // namespace dskd::kernels
