#pragma once

// The attention of one new position to those before it.

#include "core/kernels/decode/decode_kernel.h"
#include "core/kernels/decode/decode_registers.h"

namespace dskd::kernels::decode
{
namespace
{
using rows::expOf;
using rows::Floats;
using rows::kFarBelow;
using rows::kLanes;
using rows::largerOf;
using rows::largestOf;
using rows::load;
using rows::splat;
using rows::store;

// Four sums whose sum is that of all lanes.
DSKD_INLINE Four quarters(Register a)
{
#if defined(__AVX512F__)
    const auto eight = __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7) +
                       __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_shufflevector(eight, eight, 0, 1, 2, 3) + __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
#elif defined(__AVX2__)
    return __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
#else
    return a;
#endif
}

// The products of a query with `Keys` keys, one behind the other; those that are missing of four give 0.
template <int Keys>
DSKD_INLINE Four scoresOf(const float* query, const float* keys, std::int64_t width)
{
    Register sums[4] = {};
    std::int64_t d = 0;
    for (; d + kWidth <= width; d += kWidth) {
        const Register part = whole(query + d);
        for (int k = 0; k < Keys; ++k) {
            sums[k] += part * whole(keys + k * width + d);
        }
    }
    if (d < width) {
        const Register part = partOf(query + d, width - d, 0.0F);
        for (int k = 0; k < Keys; ++k) {
            sums[k] += part * partOf(keys + k * width + d, width - d, 0.0F);
        }
    }
    const Four a = quarters(sums[0]);
    const Four b = quarters(sums[1]);
    const Four c = quarters(sums[2]);
    const Four e = quarters(sums[3]);
    const Four first = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const Four second = __builtin_shufflevector(c, e, 0, 4, 1, 5) + __builtin_shufflevector(c, e, 2, 6, 3, 7);
    return __builtin_shufflevector(first, second, 0, 1, 4, 5) + __builtin_shufflevector(first, second, 2, 3, 6, 7);
}

// to = factor * sum over positions of weight * value, for as many columns as `Registers` have, or the `columns` that
// are left. Even and odd positions apart, so that one addition does not wait for the one before.
template <int Registers, bool Whole>
DSKD_INLINE void sumValues(const Attending& attending, const float* values, const float* weights, float factor,
                           float* to, std::int64_t columns)
{
    Register even[Registers] = {};
    Register odd[Registers] = {};
    const auto value = [&](std::int64_t s, int r) {
        const float* from = values + s * attending.width + r * kWidth;
        return Whole ? whole(from) : partOf(from, columns - r * kWidth, 0.0F);
    };
    std::int64_t s = attending.first;
    for (; s + 2 <= attending.positions; s += 2) {
        for (int r = 0; r < Registers; ++r) {
            even[r] += value(s, r) * weights[s];
            odd[r] += value(s + 1, r) * weights[s + 1];
        }
    }
    for (int r = 0; r < Registers; ++r) {
        if (s < attending.positions) {
            even[r] += value(s, r) * weights[s];
        }
        write(to + r * kWidth, columns - r * kWidth, (even[r] + odd[r]) * factor);
    }
}

// Replaces the scores by e^(score - largest) and returns one over their sum.
DSKD_INLINE float exponentials(float* scores, std::int64_t count)
{
    Floats largest = splat(kFarBelow);
    for (std::int64_t s = 0; s < count; s += kLanes) {
        largest = largerOf(load(scores + s, count - s, kFarBelow), largest);
    }
    const float top = largestOf(largest);
    Floats total{};
    for (std::int64_t s = 0; s < count; s += kLanes) {
        const Floats weight = expOf(load(scores + s, count - s, kFarBelow) - top);
        total += weight;
        store(scores + s, count - s, weight);
    }
    return static_cast<float>(1.0 / rows::sumOf(total));
}

void attend(const Attending& attending, std::int64_t sequence, std::int64_t sharedHead, float* scores)
{
    constexpr int kTogether = 4;
    const std::int64_t width = attending.width;
    const std::int64_t sharing = attending.heads / attending.sharedHeads;
    const std::int64_t cached = (sequence * attending.sharedHeads + sharedHead) * attending.capacity * width;
    const float* keys = attending.keys + cached;
    const float* values = attending.values + cached;
    const bool* present = attending.present + sequence * attending.positions;
    const std::int64_t itself = attending.positions - 1;
    for (std::int64_t head = sharedHead * sharing; head < (sharedHead + 1) * sharing; ++head) {
        const float* query = attending.query + (sequence * attending.heads + head) * width;
        std::int64_t s = attending.first;
        for (; s + kTogether <= attending.positions; s += kTogether) {
            const Four four = scoresOf<kTogether>(query, keys + s * width, width);
            __builtin_memcpy(scores + s, &four, sizeof four);
        }
        for (; s < attending.positions; ++s) {
            scores[s] = scoresOf<1>(query, keys + s * width, width)[0];
        }
        for (s = attending.first; s < attending.positions; ++s) {
            scores[s] = present[s] || s == itself ? attending.scale * scores[s] : kFarBelow;
        }
        const float factor = exponentials(scores + attending.first, attending.positions - attending.first);
        float* to = attending.result + (sequence * attending.heads + head) * width;
        std::int64_t d = 0;
        for (; d + 4 * kWidth <= width; d += 4 * kWidth) {
            sumValues<4, true>(attending, values + d, scores, factor, to + d, width - d);
        }
        for (; d + 2 * kWidth <= width; d += 2 * kWidth) {
            sumValues<2, true>(attending, values + d, scores, factor, to + d, width - d);
        }
        for (; d < width; d += kWidth) {
            sumValues<1, false>(attending, values + d, scores, factor, to + d, width - d);
        }
    }
}

} // namespace
} // namespace dskd::kernels::decode
