#pragma once

// The passes of a distance over the columns that both sides of a row have.

#include "core/kernels/rows/row_side.h"
#include "core/kernels/rows/sorted_row.h"
#include "core/kernels/rows/tail_mass.h"

#include "core/kernels/rows/distance_parts.h" // after the functions of its number type

namespace dskd::kernels::rows
{
namespace
{

// How e^(logit - largest), the softmax at temperature 1 before its norm, comes from the softmax of the distance.
enum class Unit { Unused, Same, Square, Stored };

Unit unitOf(bool wanted, float scale)
{
    return !wanted ? Unit::Unused : scale == 1.0F ? Unit::Same : scale == 0.5F ? Unit::Square : Unit::Stored;
}

struct Rows {
    Side student;
    Side target;
    Unit studentUnit = Unit::Unused;
    Unit targetUnit = Unit::Unused;
    float* kept = nullptr;
    float* storedStudent = nullptr;
    float* storedTarget = nullptr;
};

// Sums that make the softmax at temperature 1, of the common columns.
struct UnitSums {
    double student = 0.0;
    double target = 0.0;
};

DSKD_INLINE void addUnit(Unit unit, Floats raw, Floats exponential, float* stored, std::int64_t count, Floats& sum)
{
    if (unit == Unit::Square) {
        sum += exponential * exponential;
    } else if (unit == Unit::Stored) {
        const Floats e = expOf(raw);
        sum += e;
        store(stored, count, e);
    }
}

// Replaces both sides' logits by a and b.
template <typename Part>
RowSums firstPass(const Rows& rows, const RowDistance& distance, UnitSums& units)
{
    RowSums sums;
    float* s = rows.student.logits;
    float* t = rows.target.logits;
    const Unit studentUnit = rows.studentUnit;
    const Unit targetUnit = rows.targetUnit;
    overBlocks(rows.student.common, [&](std::int64_t begin, std::int64_t end) {
        Floats student{};
        Floats target{};
        Floats forward{};
        Floats reverse{};
        Floats targetLogs{};
        Floats unitStudent{};
        Floats unitTarget{};
        for (std::int64_t i = begin; i < end; i += kLanes) {
            const std::int64_t count = end - i;
            const Floats rawX = largerOf(load(s + i, count, kFarBelow) - rows.student.commonLargest, kFarBelow);
            const Floats rawY = largerOf(load(t + i, count, kFarBelow) - rows.target.commonLargest, kFarBelow);
            const Floats x = rawX * distance.studentScale;
            const Floats y = rawY * distance.targetScale;
            const Floats a = expOf(x);
            const Floats b = expOf(y);
            student += a;
            target += b;
            addUnit(studentUnit, rawX, a, rows.storedStudent + i, count, unitStudent);
            addUnit(targetUnit, rawY, b, rows.storedTarget + i, count, unitTarget);
            if constexpr (Part::kForward) {
                forward += b * (y - x);
            }
            if constexpr (Part::kReverse) {
                reverse += a * (x - y);
            }
            if constexpr (Part::kTargetLogs) {
                targetLogs += b * y;
            }
            if constexpr (Part::kKept == Kept::Student) {
                store(rows.kept + i, count, x);
            } else if constexpr (Part::kKept == Kept::Difference) {
                store(rows.kept + i, count, x - y);
            }
            store(s + i, count, a);
            store(t + i, count, b);
        }
        sums.student += sumOf(student);
        sums.target += sumOf(target);
        sums.forward += sumOf(forward);
        sums.reverse += sumOf(reverse);
        sums.targetLogs += sumOf(targetLogs);
        units.student += sumOf(unitStudent);
        units.target += sumOf(unitTarget);
    });
    units.student = studentUnit == Unit::Same ? sums.student : units.student;
    units.target = targetUnit == Unit::Same ? sums.target : units.target;
    return sums;
}

template <typename Part>
void secondPass(const Rows& rows, const RowDistance& distance, RowSums& sums)
{
    const float* s = rows.student.logits;
    const float* t = rows.target.logits;
    const auto q1 = static_cast<float>(1.0 / sums.student);
    const auto p1 = static_cast<float>(1.0 / sums.target);
    const auto logNorm = static_cast<float>(std::log(sums.student));
    overBlocks(rows.student.common, [&](std::int64_t begin, std::int64_t end) {
        Floats value{};
        Floats slope{};
        for (std::int64_t i = begin; i < end; i += kLanes) {
            const std::int64_t count = end - i;
            const Floats q = load(s + i, count, 0.0F) * q1;
            const Floats p = load(t + i, count, 0.0F) * p1;
            Floats logQ{};
            if constexpr (Part::kKept == Kept::Student) {
                logQ = load(rows.kept + i, count, 0.0F) - logNorm;
            }
            const Second<Floats> second = Part::template second<Floats>(p, q, logQ, distance);
            value += second.value;
            slope += q * second.slope;
            store(rows.kept + i, count, second.slope);
        }
        sums.value += sumOf(value);
        sums.slope += sumOf(slope);
    });
}

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
