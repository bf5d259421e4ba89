#pragma once

// The mathematics of the distances for one token and for one row; those that compare with a mixture of both sides are
// in mixture_parts.h. What goes over the tokens of a row is elsewhere (distance_passes.h on the CPU), and declares
// largerOf, absOf, signOf and logOf for its number type T before these files are included; T may be a float or many at
// once. The letters are those of row_sums.h.

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
