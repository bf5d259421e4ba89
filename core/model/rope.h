#pragma once

// Rotary position embedding (Su et al., 2021) in the half-split layout of the Llama family, with Llama-3's and linear
// frequency scaling.
//
// Shapes: N rows, H heads, D head width.

#include "core/model/folder/model_config.h"

#include <ATen/core/Tensor.h>

namespace dskd::model
{

// cos and sin of every row's angles, (N, D/2) float32.
struct RotaryAngles {
    at::Tensor cosines;
    at::Tensor sines;
};

// The D/2 angular frequencies that `config` stands for, float32, to the bit as transformers computes them on the CPU.
[[nodiscard]] at::Tensor rotaryFrequencies(const ModelConfig& config);

//   positions (N) int64, frequencies (D/2) on the same device
[[nodiscard]] RotaryAngles rotaryAngles(const at::Tensor& positions, const at::Tensor& frequencies);

// Rotates every head of every row by the row's angles, in x's dtype. Differentiable.
//   x (N, H, D)
[[nodiscard]] at::Tensor rotate(const at::Tensor& x, const RotaryAngles& angles);

} // namespace dskd::model
