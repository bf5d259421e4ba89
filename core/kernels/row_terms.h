#pragma once

// What headLoss does with the logits of a few rows: every term's value, and the gradient of their weighted sum.

#include "core/kernels/head_loss.h"
#include "core/kernels/rows/row_kernel.h"

#include <ATen/core/Tensor.h>

namespace dskd::kernels
{

struct RowLogits {
    at::Tensor student = {};       // (R, V)
    at::Tensor target = {};        // (R, W); undefined: no term needs it
    RowTargets rows = {};          // of these rows; targetLabels are never left to `labels`
    at::Tensor targetColumns = {}; // (W) as in HeadLossInput
    // (R) int64, overwritten with the most probable tokens; the target's only where a term asks for them. Defined.
    at::Tensor predicted = {};
    at::Tensor targetPredicted = {};
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
// gradient of the loss by them; the others may be overwritten too. On any device, by whole tensors.
[[nodiscard]] at::Tensor rowTerms(const RowLogits& chunk, const HeadLossTerms& terms, const WantedGradients& wanted);

// The same on the CPU, row by row with a kernel and on all threads; the sums do not depend on their number. Only where
// rowKernelFits().
[[nodiscard]] at::Tensor rowTermsOnCpu(const RowLogits& chunk, const HeadLossTerms& terms,
                                       const WantedGradients& wanted, rows::RowKernel kernel);
[[nodiscard]] bool rowKernelFits(const RowLogits& chunk, const HeadLossTerms& terms);

} // namespace dskd::kernels
