#pragma once

#include <ATen/core/Tensor.h>
#include <functional>
#include <vector>

namespace dskd::model
{

// Gradient checkpointing (Chen et al., 2016): the value of compute(input), of whose inside nothing is kept; the
// backward pass calls `compute` again, with torch's default generator of the input's device as it was, so that dropout
// repeats.
//
//   input    the tensor that compute takes; gets a gradient where it requires one
//   learning the leaf tensors that `compute` uses besides and that require a gradient
//
// `compute` must be a function of its input and those tensors, and whatever it captures must live until the backward.
// Differentiable once. What nothing requires a gradient for is computed as it is.
[[nodiscard]] at::Tensor recomputedInBackward(std::function<at::Tensor(const at::Tensor&)> compute,
                                              const at::Tensor& input, const std::vector<at::Tensor>& learning);

} // namespace dskd::model
