#pragma once

#include <ATen/core/Tensor.h>

namespace dskd::model
{

// How a family's norm multiplies by its weight; the three round differently in low precision.
enum class NormWeight {
    Rounded,   // what was divided is rounded to x's dtype first: Llama and most others
    Unrounded, // rounded once, after the multiplication: OLMo-2
    OnePlus,   // by one plus the weight, rounded once: Gemma
};

// x / sqrt(mean(x^2) + epsilon) * weight over the last dimension (Zhang and Sennrich, 2019). The mean and the division
// are computed in float32, as transformers does. Differentiable.
//   x (N, E), weight (E)
[[nodiscard]] at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                                 NormWeight kind = NormWeight::Rounded);

} // namespace dskd::model
