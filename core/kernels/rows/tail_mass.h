#pragma once

// AKL's tail of a row, found without a sort.

#include "core/kernels/rows/vector.h"

namespace dskd::kernels::rows
{
namespace
{

// The sum of the values below `limit`, which are at least 0.
double massBelow(const float* row, std::int64_t columns, float limit)
{
    Floats a{};
    Floats b{};
    std::int64_t i = 0;
    for (; i + 2 * kLanes <= columns; i += 2 * kLanes) {
        const Floats first = load(row + i, kLanes, 0.0F);
        const Floats second = load(row + i + kLanes, kLanes, 0.0F);
        a += first < limit ? first : Floats{};
        b += second < limit ? second : Floats{};
    }
    for (; i < columns; i += kLanes) {
        const Floats first = load(row + i, columns - i, 0.0F);
        a += first < limit ? first : Floats{};
    }
    return sumOf(a + b);
}

// The largest number below or equal to 1 such that the values (0 to 1) smaller than it sum up to at most `mass`.
// Bisection of its bits, whose order is that of positive numbers: 30 sums over a row in the cache cost less than a
// tenth of a sort.
float tailLimit(const float* row, std::int64_t columns, double mass)
{
    std::uint32_t low = 0;
    std::uint32_t high = 0x3f800001U; // just above 1
    while (high - low > 1) {
        const std::uint32_t middle = low + (high - low) / 2;
        float limit = 0.0F;
        __builtin_memcpy(&limit, &middle, sizeof limit);
        (massBelow(row, columns, limit) <= mass ? low : high) = middle;
    }
    float limit = 0.0F;
    __builtin_memcpy(&limit, &low, sizeof limit);
    return limit;
}

} // namespace
} // namespace dskd::kernels::rows
