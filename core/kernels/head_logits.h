#pragma once

// What happens to a head before its product with hidden states, and to the logits after it.

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace dskd::kernels
{

// Rows from which a head is worth being padded on a CPU, and being shared in one product.
inline constexpr std::int64_t kLargeHead = 4096;

// Replaces the logits by softcap * tanh(logits / softcap) and returns that tanh, wide like everything after the
// product: one minus its square is the slope of the cap, which has no digits in bfloat16 where the tanh is near one.
at::Tensor capLogits(const at::Tensor& logits, double softcap);

// The head (V, E) with rows of zeros up to a multiple of `columns`, or of what its device favours (kFavouredColumns).
// On a GPU a product with GPT-2's 50257 columns takes seven times as long as one with 50304 (H100, bfloat16;
// experiments/benchmarks). What the added columns hold is never looked at and stays zero in the gradients.
[[nodiscard]] at::Tensor alignedHead(const at::Tensor& head, std::int64_t columns);

} // namespace dskd::kernels
