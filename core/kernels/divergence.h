#pragma once

// Distances between next-token distributions, row by row, with closed-form gradients. No autograd: the caller decides
// what to do with the gradient (head_loss.h). Any device; computed in float32, or in float64 for float64 logits.
//
// Shapes: R rows, V vocabulary.

#include "core/base/distance.h"

#include <ATen/core/Tensor.h>

namespace dskd::kernels
{

// A distance and what it is computed with.
struct DivergenceOptions : DistanceParameters {
    Distance distance = Distance::Kl;
    double temperature = 1.0;        // both sides' logits are divided by this
    double teacherTemperature = 1.0; // the target's logits are divided by this too
    bool temperatureSquared = false; // multiply the value by temperature^2
};

struct DivergenceRows {
    at::Tensor values;   // (R) nats
    at::Tensor gradient; // (R, V) of each row's value by the student's logits; undefined unless asked for
};

// D(p || q) of every row, p = softmax(target / (temperature * teacherTemperature)), q = softmax(student / temperature),
// by the formula that stands at each distance in divergence.cpp. Distances without a temperature (core/base/distance.h)
// are computed at temperature 1.
//
// 0 log 0 is 0. RKL leaves tokens out that the target excludes by a logit of -inf, as the reference code does; the
// exact value would be infinite.
//
// Throws c10::Error naming the shapes when they disagree (of distances of sorted probabilities only the rows must
// agree), or when a temperature is not positive.
[[nodiscard]] DivergenceRows divergence(const at::Tensor& studentLogits, const at::Tensor& targetLogits,
                                        const DivergenceOptions& options, bool withGradient = true);

} // namespace dskd::kernels
