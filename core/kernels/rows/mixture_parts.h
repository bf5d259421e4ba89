#pragma once

// The parts of the distances that compare p or q with a mixture m of both; as distance_parts.h, whose conditions hold
// here too.

#include "core/kernels/rows/distance_parts.h"
#include "core/kernels/rows/js_epsilon.h"

namespace dskd::kernels::rows
{
namespace
{

constexpr auto kEpsilon = static_cast<float>(kJsEpsilon);
constexpr float kSmallestNormal = 1.17549435e-38F; // keeps log(mixture) finite where both parts underflow

// 1/2 sum p (log(p+e) - log(m+e)) + 1/2 sum q (log(q+e) - log(m+e)), m = (p+q)/2
struct JsPart : TwoPasses {
    template <typename T>
    DSKD_PART Second<T> second(T p, T q, T /*logQ*/, const DistanceParameters&)
    {
        const T both = p + q;
        const T inverse = 1.0F / (both * 0.5F + kEpsilon);
        const T wide = q + kEpsilon;
        const T fromP = logOf((p + kEpsilon) * inverse);
        const T fromQ = logOf(wide * inverse);
        return {(p * fromP + q * fromQ) * 0.5F, (fromQ + q / wide - both * inverse * 0.5F) * 0.5F};
    }
    static RowResult result(const RowSums& sums, const DistanceParameters&) { return slopes(sums.value, sums); }
};

// KL(p || lambda p + (1-lambda) q)
struct SklPart : TwoPasses {
    static constexpr bool kTargetLogs = true;
    template <typename T>
    DSKD_PART Second<T> second(T p, T q, T /*logQ*/, const DistanceParameters& with)
    {
        const auto lambda = static_cast<float>(with.skewLambda);
        const T mixture = largerOf(p * lambda + q * (1.0F - lambda), kSmallestNormal);
        return {-(p * logOf(mixture)), p / mixture * (lambda - 1.0F)};
    }
    static RowResult result(const RowSums& sums, const DistanceParameters&)
    {
        return slopes(sums.value - sums.targetEntropy(), sums);
    }
};

// KL(q || (1-lambda) p + lambda q)
struct SrklPart : TwoPasses {
    static constexpr Kept kKept = Kept::Student;
    template <typename T>
    DSKD_PART Second<T> second(T p, T q, T logQ, const DistanceParameters& with)
    {
        const auto lambda = static_cast<float>(with.skewLambda);
        const T mixture = largerOf(p * (1.0F - lambda) + q * lambda, kSmallestNormal);
        const T ratio = logQ - logOf(mixture);
        return {q * ratio, ratio - q / mixture * lambda};
    }
    static RowResult result(const RowSums& sums, const DistanceParameters&) { return slopes(sums.value, sums); }
};

// beta KL(p || m) + (1-beta) KL(q || m), m = beta p + (1-beta) q; 0 < beta < 1
struct GjsPart : TwoPasses {
    static constexpr Kept kKept = Kept::Student;
    static constexpr bool kTargetLogs = true;
    template <typename T>
    DSKD_PART Second<T> second(T p, T q, T logQ, const DistanceParameters& with)
    {
        const auto beta = static_cast<float>(with.beta);
        const T logMixture = logOf(largerOf(p * beta + q * (1.0F - beta), kSmallestNormal));
        const T slope = (logQ - logMixture) * (1.0F - beta); // what the mixture adds is the same for all tokens
        return {q * slope - p * logMixture * beta, slope};
    }
    static RowResult result(const RowSums& sums, const DistanceParameters& with)
    {
        return slopes(sums.value - with.beta * sums.targetEntropy(), sums);
    }
};

} // namespace
} // namespace dskd::kernels::rows
