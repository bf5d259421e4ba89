#pragma once

// Rotary position embedding (Su et al., 2021) in the half-split layout of the Llama family, with Llama-3's and linear
// frequency scaling.
//
// Shapes: N rows, H heads, D head width, R <= D what is rotated of it.

#include "core/model/folder/model_config.h"

#include <ATen/core/Tensor.h>

namespace dskd::model
{

// cos and sin of every row's angles, (N, R/2) float32.
struct RotaryAngles {
    at::Tensor cosines;
    at::Tensor sines;
};

// The R/2 angular frequencies that `config` stands for, float32, to the bit as transformers computes them on the CPU;
// `windowedLayers`: those of layers with a window, which are others in Gemma 3 only.
[[nodiscard]] at::Tensor rotaryFrequencies(const ModelConfig& config, bool windowedLayers = false);

//   positions (N) int64, frequencies (R/2) on the same device
[[nodiscard]] RotaryAngles rotaryAngles(const at::Tensor& positions, const at::Tensor& frequencies);

// Rotates the first R numbers of every head of every row by the row's angles, in x's dtype. Differentiable.
//   x (N, H, D)
[[nodiscard]] at::Tensor rotate(const at::Tensor& x, const RotaryAngles& angles);

} // namespace dskd::model
