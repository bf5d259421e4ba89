#pragma once

#include <ATen/core/Tensor.h>
#include <span>

namespace dskd::train
{

// The 2-norm of all elements of the tensors, float32 and on one device; 0 for none. On the CPU the squares are summed
// in float64, in an order that does not depend on the number of threads: LibTorch's norm sums in float32 there, and is
// 4 % short at 1e8 equal elements. On a GPU it is LibTorch's norm, whose sums form a tree. Any thread.
[[nodiscard]] double gradientNorm(std::span<const at::Tensor> gradients);

} // namespace dskd::train
