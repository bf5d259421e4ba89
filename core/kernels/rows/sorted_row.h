#pragma once

// The distance of sorted probabilities (ULD) of one row, with a radix sort.

#include <cstdint>
#include <vector>

namespace dskd::kernels::rows
{

// Probabilities before their norm: weights / sum.
struct Weights {
    const float* values = nullptr; // at least 0
    std::int64_t count = 0;
    double sum = 0.0;
};

struct SortedDistance {
    double value = 0.0; // sum |p_(i) - q_(i)|, both from large to small, the shorter filled up with 0
    double slope = 0.0; // sum of q * the slopes
};

// Writes dD/dq of each of q's tokens, -1, 0 or 1, to `slopes` (q.count). `scratch` grows as it must.
[[nodiscard]] SortedDistance sortedDistance(const Weights& q, const Weights& p, float* slopes,
                                            std::vector<std::uint32_t>& scratch);

} // namespace dskd::kernels::rows
