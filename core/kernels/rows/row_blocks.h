#pragma once

// The floats of one row, whatever they are: the largest and where it stands, exponentials, a factor, zeros. Sums are of
// float in blocks and of double over the blocks.

#include "core/kernels/rows/vector.h"
#include "core/kernels/rows/vector_functions.h"

#include <cstddef>
#include <cstdint>

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

} // namespace
} // namespace dskd::kernels::rows
