#pragma once

#include <ATen/core/Tensor.h>
#include <span>

namespace dskd::bench
{

// |ours - theirs| / |theirs| in the 2-norm over all elements of all tensors, which belong together in pairs of one
// shape and on one device, of any float type. A tensor that is undefined counts as zeros; 0 where all of both are.
// Throws c10::Error where the numbers of tensors or two shapes disagree.
[[nodiscard]] double gradientDifference(std::span<const at::Tensor> ours, std::span<const at::Tensor> theirs);

} // namespace dskd::bench
