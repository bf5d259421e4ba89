#pragma once

// The mathematics of the distances for one token and for one row. What goes over the tokens of a row is elsewhere
// (row_passes.h on the CPU), and declares largerOf, absOf, signOf and logOf for its number type T before this file is
// included; T may be a float or many at once. The letters are those of row_sums.h.

#include "core/kernels/rows/row_sums.h"

#ifdef __CUDACC__
#define DSKD_PART __host__ __device__ static inline
#else
#define DSKD_PART static inline __attribute__((always_inline))
#endif

namespace dskd::kernels::rows
{
namespace
{

constexpr float kJsEpsilon = 1e-9F;                // as published
constexpr float kSmallestNormal = 1.17549435e-38F; // keeps log(mixture) finite where both parts underflow

template <typename T>
struct Second {
    T value;
    T slope; // dD/dq, but for what is the same for all tokens
};

// A distance without a second pass.
struct OnePass {
    static constexpr bool kSecondPass = false;
    static constexpr Kept kKept = Kept::Nothing;
    static constexpr bool kForward = false;
    static constexpr bool kReverse = false;
    static constexpr bool kTargetLogs = false;
};
// One whose second pass keeps the slope.
struct TwoPasses : OnePass {
    static constexpr bool kSecondPass = true;
    static RowResult slopes(double value, const RowSums& sums) { return {value, 1.0, -sums.slope, 0.0}; }
};

struct KlPart : OnePass {
    static constexpr bool kForward = true;
    static RowResult result(const RowSums& sums, const DistanceParameters&) { return mixed(sums, 1.0, 0.0); }
};

struct RklPart : OnePass {
    static constexpr Kept kKept = Kept::Difference;
    static constexpr bool kReverse = true;
    static RowResult result(const RowSums& sums, const DistanceParameters&) { return mixed(sums, 0.0, 1.0); }
};

// Also AKL's, whose weights come from where the sides differ.
struct SymPart : OnePass {
    static constexpr Kept kKept = Kept::Difference;
    static constexpr bool kForward = true;
    static constexpr bool kReverse = true;
    static RowResult result(const RowSums& sums, const DistanceParameters& with)
    {
        return mixed(sums, 1.0 - with.beta, with.beta);
    }
};

// 1/2 sum p (log(p+e) - log(m+e)) + 1/2 sum q (log(q+e) - log(m+e)), m = (p+q)/2
struct JsPart : TwoPasses {
    template <typename T>
    DSKD_PART Second<T> second(T p, T q, T /*logQ*/, const DistanceParameters&)
    {
        const T both = p + q;
        const T inverse = 1.0F / (both * 0.5F + kJsEpsilon);
        const T wide = q + kJsEpsilon;
        const T fromP = logOf((p + kJsEpsilon) * inverse);
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

// 1/2 sum |p - q|
struct TvdPart : TwoPasses {
    template <typename T>
    DSKD_PART Second<T> second(T p, T q, T /*logQ*/, const DistanceParameters&)
    {
        const T gap = q - p;
        return {absOf(gap) * 0.5F, signOf(gap) * 0.5F};
    }
    static RowResult result(const RowSums& sums, const DistanceParameters&) { return slopes(sums.value, sums); }
};

} // namespace
} // namespace dskd::kernels::rows
