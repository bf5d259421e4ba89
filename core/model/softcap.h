#pragma once

#include <ATen/core/Tensor.h>

namespace dskd::model
{

// cap * tanh(x / cap), which keeps x where it is small and bounds it by the cap (Gemma 2); x itself for a cap of 0.
// Differentiable; in x's dtype.
[[nodiscard]] at::Tensor softcapped(const at::Tensor& x, double cap);

} // namespace dskd::model
