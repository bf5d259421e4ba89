#pragma once

// The distance between the sides of a row, by its name: which passes it takes with which parts.

#include "core/kernels/rows/distance_passes.h"
#include "core/kernels/rows/mixture_parts.h"
#include "core/kernels/rows/sorted_row.h"
#include "core/kernels/rows/tail_mass.h"

namespace dskd::kernels::rows
{
namespace
{

// The weights of KL and RKL in AKL: how much the sides differ over the least probable tokens of the target that hold at
// most alpha of its mass, and over the others. Tokens as probable as the first of the others count to these.
RowResult adaptive(const Rows& rows, const RowDistance& distance, const RowSums& sums)
{
    if (distance.adaptiveAlpha >= 1.0) {
        return mixed(sums, 0.0, 1.0); // every token is in the tail
    }
    const float* s = rows.student.logits;
    const float* t = rows.target.logits;
    const std::int64_t columns = rows.student.common;
    const float limit = tailLimit(t, columns, distance.adaptiveAlpha * sums.target);
    const auto q1 = static_cast<float>(1.0 / sums.student);
    const auto p1 = static_cast<float>(1.0 / sums.target);
    double tail = 0.0;
    double all = 0.0;
    overBlocks(columns, [&](std::int64_t begin, std::int64_t end) {
        Floats inTail{};
        Floats inAll{};
        for (std::int64_t i = begin; i < end; i += kLanes) {
            const Floats b = load(t + i, end - i, 0.0F);
            const Floats gap = absOf(load(s + i, end - i, 0.0F) * q1 - b * p1);
            inAll += gap;
            inTail += b < limit ? gap : Floats{};
        }
        tail += sumOf(inTail);
        all += sumOf(inAll);
    });
    return all == 0.0 ? RowResult{} : mixed(sums, (all - tail) / all, tail / all);
}

// The distance of sorted probabilities: no temperature, and every column of both sides. Replaces the logits by a and b.
RowSums sortedPass(const Rows& rows, RowScratch& scratch, UnitSums& units)
{
    RowSums sums;
    sums.student = exponentials(rows.student.logits, rows.student.columns, rows.student.allLargest);
    sums.target = exponentials(rows.target.logits, rows.target.columns, rows.target.allLargest);
    units = {sums.student, sums.target};
    const SortedDistance sorted =
        sortedDistance({rows.student.logits, rows.student.columns, sums.student},
                       {rows.target.logits, rows.target.columns, sums.target}, rows.kept, scratch.keys());
    sums.value = sorted.value;
    sums.slope = sorted.slope;
    return sums;
}

template <typename Part>
RowResult through(const Rows& rows, const RowDistance& distance, RowSums& sums, UnitSums& units)
{
    sums = firstPass<Part>(rows, distance, units);
    if constexpr (Part::kSecondPass) {
        secondPass<Part>(rows, distance, sums);
    }
    return Part::result(sums, distance);
}

RowResult distanceOf(const Rows& rows, const RowDistance& distance, RowScratch& scratch, RowSums& sums, UnitSums& units)
{
    switch (distance.distance) {
    case Distance::Kl: return through<KlPart>(rows, distance, sums, units);
    case Distance::Rkl: return through<RklPart>(rows, distance, sums, units);
    case Distance::Js: return through<JsPart>(rows, distance, sums, units);
    case Distance::Skl: return through<SklPart>(rows, distance, sums, units);
    case Distance::Srkl: return through<SrklPart>(rows, distance, sums, units);
    case Distance::Akl: sums = firstPass<SymPart>(rows, distance, units); return adaptive(rows, distance, sums);
    case Distance::Tvd: return through<TvdPart>(rows, distance, sums, units);
    case Distance::Sym: return through<SymPart>(rows, distance, sums, units);
    case Distance::Gjs:
        if (distance.beta == 0.0) {
            return through<KlPart>(rows, distance, sums, units);
        }
        if (distance.beta == 1.0) {
            return through<RklPart>(rows, distance, sums, units);
        }
        return through<GjsPart>(rows, distance, sums, units);
    case Distance::Uld: sums = sortedPass(rows, scratch, units); return TwoPasses::slopes(sums.value, sums);
    }
    return {};
}

} // namespace
} // namespace dskd::kernels::rows
