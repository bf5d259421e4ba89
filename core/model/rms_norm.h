#pragma once

#include <ATen/core/Tensor.h>

namespace dskd::model
{

// x / sqrt(mean(x^2) + epsilon) * weight over the last dimension (Zhang and Sennrich, 2019). The mean and the division
// are computed in float32 and rounded to x's dtype before the multiplication, as transformers does. Differentiable.
//   x (N, E), weight (E)
[[nodiscard]] at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon);

} // namespace dskd::model
