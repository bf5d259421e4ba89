#pragma once

// Registers of one kind of processor (see decode_passes.h).

#include "core/kernels/rows/vector.h"
#include "core/kernels/rows/vector_functions.h"

namespace dskd::kernels::decode
{
namespace
{
// A register of the processor. Sums that live through a loop are kept in these: compilers hold wider vectors in memory.
// Beside it, how many rows and panels have their sums in registers together.
#if defined(__AVX512F__)
constexpr int kWidth = 16;
constexpr int kMostRows = 8;
constexpr int kPanelsOfMost = 2;
constexpr int kPanelsOfFour = 2;
constexpr int kPanelsOfTwo = 4;
constexpr int kPanelsOfOne = 4;
#elif defined(__AVX2__)
constexpr int kWidth = 8;
constexpr int kMostRows = 4;
constexpr int kPanelsOfMost = 1;
constexpr int kPanelsOfFour = 1;
constexpr int kPanelsOfTwo = 2;
constexpr int kPanelsOfOne = 4;
#else
constexpr int kWidth = 4;
constexpr int kMostRows = 2;
constexpr int kPanelsOfMost = 1;
constexpr int kPanelsOfFour = 1;
constexpr int kPanelsOfTwo = 1;
constexpr int kPanelsOfOne = 2;
#endif
constexpr std::int64_t kPanelsTogether = 4; // stay in the cache while all rows go by
constexpr int kParts = static_cast<int>(kPanelOutputs) / kWidth;
using Register = float __attribute__((vector_size(kWidth * sizeof(float))));
using Four = float __attribute__((vector_size(16)));

DSKD_INLINE Register whole(const float* from)
{
    Register result;
    __builtin_memcpy(&result, from, sizeof result);
    return result;
}

DSKD_INLINE Register partOf(const float* from, std::int64_t count, float fill)
{
    if (count >= kWidth) {
        return whole(from);
    }
    Register result = Register{} + fill;
    for (std::int64_t i = 0; i < count; ++i) {
        result[i] = from[i];
    }
    return result;
}

DSKD_INLINE void write(float* to, std::int64_t count, Register values)
{
    if (count >= kWidth) {
        __builtin_memcpy(to, &values, sizeof values);
        return;
    }
    for (std::int64_t i = 0; i < count; ++i) {
        to[i] = values[i];
    }
}

} // namespace
} // namespace dskd::kernels::decode
