#pragma once

// Sixteen floats at once, in the compiler's own vector type: the same source becomes AVX-512, AVX2 or plain code by the
// options of the file that includes it. Everything is local to that file, so that no code for newer processors is
// linked into what older ones run.

#include <cstdint>

namespace dskd::kernels::rows
{
namespace
{

#define DSKD_INLINE inline __attribute__((always_inline))

constexpr std::int64_t kLanes = 16;
using Floats = float __attribute__((vector_size(64)));
using Ints = std::int32_t __attribute__((vector_size(64)));

constexpr float kFarBelow = -1e30F; // stands for -inf, so that 0 * it is 0 and not NaN

DSKD_INLINE Floats splat(float value)
{
    return Floats{} + value;
}

// `count` values, at most 16; the other lanes are `fill`.
DSKD_INLINE Floats load(const float* from, std::int64_t count, float fill)
{
    Floats result;
    if (count >= kLanes) {
        __builtin_memcpy(&result, from, sizeof result);
        return result;
    }
    result = splat(fill);
    for (std::int64_t i = 0; i < count; ++i) {
        result[i] = from[i];
    }
    return result;
}

DSKD_INLINE void store(float* to, std::int64_t count, Floats values)
{
    if (count >= kLanes) {
        __builtin_memcpy(to, &values, sizeof values);
        return;
    }
    for (std::int64_t i = 0; i < count; ++i) {
        to[i] = values[i];
    }
}

// NaN in `a` stays.
DSKD_INLINE Floats largerOf(Floats a, Floats b)
{
    return a < b ? b : a;
}
DSKD_INLINE Floats largerOf(Floats a, float b)
{
    return largerOf(a, splat(b));
}
DSKD_INLINE Floats absOf(Floats a)
{
    return a < 0.0F ? -a : a;
}
DSKD_INLINE Floats signOf(Floats a)
{
    const Floats zero{};
    return a > zero ? zero + 1.0F : (a < zero ? zero - 1.0F : zero);
}

DSKD_INLINE double sumOf(Floats values)
{
    // in a fixed order, whatever the instructions
    float halves[8];
    for (int i = 0; i < 8; ++i) {
        halves[i] = values[i] + values[i + 8];
    }
    return static_cast<double>((halves[0] + halves[4]) + (halves[2] + halves[6])) +
           static_cast<double>((halves[1] + halves[5]) + (halves[3] + halves[7]));
}

DSKD_INLINE float largestOf(Floats values)
{
    float largest = values[0];
    for (int i = 1; i < kLanes; ++i) {
        largest = largest < values[i] ? values[i] : largest;
    }
    return largest;
}

} // namespace
} // namespace dskd::kernels::rows
