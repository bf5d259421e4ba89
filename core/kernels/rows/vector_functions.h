#pragma once

// Exponential and logarithm of sixteen floats, by polynomials that need nothing but multiplication and addition.

#include "core/kernels/rows/vector.h"

namespace dskd::kernels::rows
{
namespace
{

// e^x for x <= 88, to about 2e-7 of its value; 0 below the smallest normal number. Cody and Waite's reduction by ln 2
// in two parts, then a polynomial on [-ln 2 / 2, ln 2 / 2].
DSKD_INLINE Floats expOf(Floats x)
{
    constexpr float kSmallest = -87.3365F;
    constexpr float kRounds = 12582912.0F; // 1.5 * 2^23: adding it rounds to an integer
    const Floats in = largerOf(x, kSmallest);
    const Floats n = (in * 1.44269504F + kRounds) - kRounds;
    const Floats r = (in - n * 0.693359375F) - n * -2.12194440e-4F;
    Floats p = splat(1.9875691500e-4F);
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * (r * r) + (r + 1.0F);
    const Ints exponent = (__builtin_convertvector(n, Ints) + 127) << 23;
    const Floats result = p * __builtin_bit_cast(Floats, exponent);
    return x < kSmallest ? Floats{} : result;
}

// ln x for normal x > 0, to about 1e-7. x = m 2^e with m in [sqrt(1/2), sqrt(2)), then a polynomial in m - 1.
DSKD_INLINE Floats logOf(Floats x)
{
    const Ints bits = __builtin_bit_cast(Ints, x);
    const Ints mantissa = (bits & 0x7fffff) | 0x3f800000;
    Floats m = __builtin_bit_cast(Floats, mantissa);
    Floats e = __builtin_convertvector((bits >> 23) - 127, Floats);
    const Ints large = m > 1.41421356F;
    m = large ? m * 0.5F : m;
    e = large ? e + 1.0F : e;
    const Floats f = m - 1.0F;
    const Floats z = f * f;
    Floats p = splat(7.0376836292e-2F);
    p = p * f - 1.1514610310e-1F;
    p = p * f + 1.1676998740e-1F;
    p = p * f - 1.2420140846e-1F;
    p = p * f + 1.4249322787e-1F;
    p = p * f - 1.6668057665e-1F;
    p = p * f + 2.0000714765e-1F;
    p = p * f - 2.4999993993e-1F;
    p = p * f + 3.3333331174e-1F;
    Floats y = (p * f) * z;
    y = y + e * -2.12194440e-4F;
    y = y - 0.5F * z;
    return ((f + y) + e * 0.693359375F) + (x - x); // what is not a number stays so
}

} // namespace
} // namespace dskd::kernels::rows
