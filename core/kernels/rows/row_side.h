#pragma once

// One side of a row for itself: its largest logits, its exponentials, its cross-entropy. Sums are of float in blocks
// and of double over the blocks.

#include "core/kernels/rows/row_kernel.h"
#include "core/kernels/rows/vector.h"
#include "core/kernels/rows/vector_functions.h"

#include <cmath>

namespace dskd::kernels::rows
{
namespace
{

constexpr std::int64_t kBlock = 4096;

DSKD_INLINE std::int64_t smaller(std::int64_t a, std::int64_t b)
{
    return b < a ? b : a;
}

// Calls block(begin, end) for each block of the columns.
template <typename Block>
DSKD_INLINE void overBlocks(std::int64_t columns, const Block& block)
{
    for (std::int64_t begin = 0; begin < columns; begin += kBlock) {
        block(begin, smaller(begin + kBlock, columns));
    }
}

float largest(const float* row, std::int64_t columns)
{
    Floats a = splat(kFarBelow);
    Floats b = a;
    Floats c = a;
    Floats d = a;
    std::int64_t i = 0;
    for (; i + 4 * kLanes <= columns; i += 4 * kLanes) {
        a = largerOf(load(row + i, kLanes, 0.0F), a);
        b = largerOf(load(row + i + kLanes, kLanes, 0.0F), b);
        c = largerOf(load(row + i + 2 * kLanes, kLanes, 0.0F), c);
        d = largerOf(load(row + i + 3 * kLanes, kLanes, 0.0F), d);
    }
    for (; i < columns; i += kLanes) {
        a = largerOf(load(row + i, columns - i, kFarBelow), a);
    }
    return largestOf(largerOf(largerOf(a, b), largerOf(c, d)));
}

std::int64_t firstOf(const float* row, std::int64_t columns, float value)
{
    for (std::int64_t i = 0; i < columns; ++i) {
        if (row[i] == value) {
            return i;
        }
    }
    return 0; // not a number
}

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

// Replaces logits by e^(logit - largest) and returns their sum.
double exponentials(float* row, std::int64_t columns, float largest)
{
    double total = 0.0;
    overBlocks(columns, [&](std::int64_t begin, std::int64_t end) {
        Floats sum{};
        for (std::int64_t i = begin; i < end; i += kLanes) {
            const Floats e = expOf(load(row + i, end - i, kFarBelow) - largest);
            sum += e;
            store(row + i, end - i, e);
        }
        total += sumOf(sum);
    });
    return total;
}

void scale(float* row, std::int64_t columns, float factor)
{
    for (std::int64_t i = 0; i < columns; i += kLanes) {
        store(row + i, columns - i, load(row + i, columns - i, 0.0F) * factor);
    }
}

void fill(float* row, std::int64_t columns)
{
    __builtin_memset(row, 0, static_cast<std::size_t>(columns) * sizeof(float));
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
