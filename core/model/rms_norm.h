#pragma once

#include "core/model/folder/families/family.h"

#include <ATen/core/Tensor.h>

namespace dskd::model
{

// x / sqrt(mean(x^2) + epsilon) * weight over the last dimension (Zhang and Sennrich, 2019). The mean and the division
// are computed in float32, as transformers does. Differentiable.
//   x (N, E), weight (E); kind is not NormWeight::None
[[nodiscard]] at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                                 NormWeight kind = NormWeight::Rounded);

} // namespace dskd::model
