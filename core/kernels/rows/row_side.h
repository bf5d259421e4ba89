#pragma once

// One side of a row for itself: what the passes keep of its logits, its cross-entropy and that one's gradient.

#include "core/kernels/rows/row_blocks.h"
#include "core/kernels/rows/row_kernel.h"

#include <cmath>

namespace dskd::kernels::rows
{
namespace
{

// What the passes know of a side before they overwrite its logits.
struct Side {
    float* logits = nullptr;
    std::int64_t columns = 0;
    std::int64_t common = 0; // the columns that the distance compares
    float commonLargest = 0.0F;
    float allLargest = 0.0F;
    float labelLogit = 0.0F;
    float unitRatio = 1.0F; // e^(commonLargest - allLargest)
    double unitSum = 0.0;   // of e^(logit - allLargest) over all columns
};

Side lookAt(const SideOfRow& of, std::int64_t common, SideValues& values)
{
    Side side{.logits = of.logits, .columns = of.columns, .common = common};
    side.commonLargest = largest(of.logits, common);
    side.allLargest = side.commonLargest;
    if (common < of.columns) {
        const float rest = largest(of.logits + common, of.columns - common);
        side.allLargest = rest > side.commonLargest ? rest : side.commonLargest;
    }
    values.predicted = firstOf(of.logits, of.columns, side.allLargest);
    if (of.label >= 0) {
        side.labelLogit = of.logits[of.label];
    }
    return side;
}

// After the common columns: the others, the norm, and the value of the cross-entropy.
void finishUnit(Side& side, double commonSum, SideValues& values)
{
    side.unitRatio =
        static_cast<float>(std::exp(static_cast<double>(side.commonLargest) - static_cast<double>(side.allLargest)));
    side.unitSum = commonSum * static_cast<double>(side.unitRatio) +
                   exponentials(side.logits + side.common, side.columns - side.common, side.allLargest);
    values.crossEntropy =
        std::log(side.unitSum) - (static_cast<double>(side.labelLogit) - static_cast<double>(side.allLargest));
    values.maxProbability = static_cast<float>(1.0 / side.unitSum);
}

void atLabel(const Side& side, const SideOfRow& of)
{
    if (of.label >= 0) {
        side.logits[of.label] -= of.crossEntropyFactor;
    }
}

// The gradient of the cross-entropy in the columns beyond the common ones, and at the label.
void finishGradient(const Side& side, const SideOfRow& of)
{
    float* rest = side.logits + side.common;
    if (of.crossEntropy) {
        scale(rest, side.columns - side.common,
              static_cast<float>(static_cast<double>(of.crossEntropyFactor) / side.unitSum));
        atLabel(side, of);
    } else {
        fill(rest, side.columns - side.common);
    }
}

float unitFactor(const Side& side, const SideOfRow& of)
{
    return of.crossEntropy ? static_cast<float>(static_cast<double>(of.crossEntropyFactor) *
                                                static_cast<double>(side.unitRatio) / side.unitSum)
                           : 0.0F;
}

// A side for itself: its cross-entropy, if it is asked for, over all columns.
void alone(Side& side, const SideOfRow& of, SideValues& values)
{
    side.common = side.columns;
    side.commonLargest = side.allLargest;
    if (of.crossEntropy) {
        finishUnit(side, exponentials(side.logits, side.columns, side.allLargest), values);
        if (of.gradient) {
            scale(side.logits, side.columns, unitFactor(side, of));
            atLabel(side, of);
        }
    } else if (of.gradient) {
        fill(side.logits, side.columns);
    }
}

} // namespace
} // namespace dskd::kernels::rows
