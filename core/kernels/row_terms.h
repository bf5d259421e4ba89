#pragma once

// What headLoss does with the logits of a few rows: every term's value, and the gradient of their weighted sum.

#include "core/kernels/head_loss.h"

#include <ATen/core/Tensor.h>

namespace dskd::kernels
{

struct RowLogits {
    at::Tensor student;            // (R, V)
    at::Tensor target;             // (R, W) or undefined
    at::Tensor labels;             // (R) or undefined
    at::Tensor targetLabels;       // (R) or undefined
    at::Tensor weights;            // (R) or undefined
    at::Tensor labelWeights;       // (R) or undefined
    at::Tensor targetLabelWeights; // (R) or undefined
    at::Tensor targetColumns = {}; // (W) or undefined
    at::Tensor labelOnly = {};     // (R) bool or undefined
};

struct WantedGradients {
    bool studentHidden = false;
    bool studentHead = false;
    bool targetHidden = false;
};

enum RowSum {
    kCrossEntropySum,
    kTargetCrossEntropySum,
    kDistanceSum,
    kCorrectSum,
    kTargetCorrectSum,
    kTargetMaxProbabilitySum,
    kNumRowSums
};

// Returns the (kNumRowSums) float64 sums over the rows. Overwrites the logits that have a wanted gradient with the
// gradient of the loss by them; leaves the others.
[[nodiscard]] at::Tensor rowTerms(const RowLogits& rows, const HeadLossTerms& terms, const WantedGradients& wanted);

} // namespace dskd::kernels
