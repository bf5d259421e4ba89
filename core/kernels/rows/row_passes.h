#pragma once

// The passes over a row, for the file that compiles them for some processor: it defines DSKD_ROW_KERNEL, the name of the
// function that row_kernel.cpp knows. Sums are of float in blocks and of double over the blocks.

#include "core/kernels/rows/row_kernel.h"
#include "core/kernels/rows/sorted_row.h"
#include "core/kernels/rows/tail_mass.h"
#include "core/kernels/rows/vector.h"

#include "core/kernels/rows/distance_parts.h" // after the functions of its number type

namespace dskd::kernels::rows
{
namespace
{

constexpr std::int64_t kBlock = 4096;

DSKD_INLINE std::int64_t smaller(std::int64_t a, std::int64_t b)
{
    return b < a ? b : a;
}

// Calls block(begin, end) for each block of the columns.
template <typename Block>
DSKD_INLINE void overBlocks(std::int64_t columns, const Block& block)
{
    for (std::int64_t begin = 0; begin < columns; begin += kBlock) {
        block(begin, smaller(begin + kBlock, columns));
    }
}

float largest(const float* row, std::int64_t columns)
{
    Floats a = splat(kFarBelow);
    Floats b = a;
    Floats c = a;
    Floats d = a;
    std::int64_t i = 0;
    for (; i + 4 * kLanes <= columns; i += 4 * kLanes) {
        a = largerOf(load(row + i, kLanes, 0.0F), a);
        b = largerOf(load(row + i + kLanes, kLanes, 0.0F), b);
        c = largerOf(load(row + i + 2 * kLanes, kLanes, 0.0F), c);
        d = largerOf(load(row + i + 3 * kLanes, kLanes, 0.0F), d);
    }
    for (; i < columns; i += kLanes) {
        a = largerOf(load(row + i, columns - i, kFarBelow), a);
    }
    return largestOf(largerOf(largerOf(a, b), largerOf(c, d)));
}

std::int64_t firstOf(const float* row, std::int64_t columns, float value)
{
    for (std::int64_t i = 0; i < columns; ++i) {
        if (row[i] == value) {
            return i;
        }
    }
    return 0; // not a number
}

// What the passes know of a side before they overwrite its logits.
struct Side {
    float* logits = nullptr;
    std::int64_t columns = 0;
    std::int64_t common = 0;  // the columns that the distance compares
    float commonLargest = 0.0F;
    float allLargest = 0.0F;
    float labelLogit = 0.0F;
    float unitRatio = 1.0F; // e^(commonLargest - allLargest)
    double unitSum = 0.0;   // of e^(logit - allLargest) over all columns
};

Side lookAt(const SideOfRow& of, std::int64_t common, SideValues& values)
{
    Side side{.logits = of.logits, .columns = of.columns, .common = common};
    side.commonLargest = largest(of.logits, common);
    side.allLargest = side.commonLargest;
    if (common < of.columns) {
        const float rest = largest(of.logits + common, of.columns - common);
        side.allLargest = rest > side.commonLargest ? rest : side.commonLargest;
    }
    values.predicted = firstOf(of.logits, of.columns, side.allLargest);
    if (of.label >= 0) {
        side.labelLogit = of.logits[of.label];
    }
    return side;
}

// Replaces logits by e^(logit - largest) and returns their sum.
double exponentials(float* row, std::int64_t columns, float largest)
{
    double total = 0.0;
    overBlocks(columns, [&](std::int64_t begin, std::int64_t end) {
        Floats sum{};
        for (std::int64_t i = begin; i < end; i += kLanes) {
            const Floats e = expOf(load(row + i, end - i, kFarBelow) - largest);
            sum += e;
            store(row + i, end - i, e);
        }
        total += sumOf(sum);
    });
    return total;
}

void scale(float* row, std::int64_t columns, float factor)
{
    for (std::int64_t i = 0; i < columns; i += kLanes) {
        store(row + i, columns - i, load(row + i, columns - i, 0.0F) * factor);
    }
}

void fill(float* row, std::int64_t columns)
{
    __builtin_memset(row, 0, static_cast<std::size_t>(columns) * sizeof(float));
}

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
    return all > 0.0 ? mixed(sums, (all - tail) / all, tail / all) : RowResult{};
}

// s <- a (kept K + L) + b M + e1 U over the common columns, where e1 is e^logit at temperature 1.
template <bool kWithKept>
void combine(const Rows& rows, float K, float L, float M, float U)
{
    float* s = rows.student.logits;
    const float* t = rows.target.logits;
    const Unit unit = rows.studentUnit;
    for (std::int64_t i = 0; i < rows.student.common; i += kLanes) {
        const std::int64_t count = rows.student.common - i;
        const Floats a = load(s + i, count, 0.0F);
        Floats factor = splat(L);
        if constexpr (kWithKept) {
            factor += load(rows.kept + i, count, 0.0F) * K;
        }
        if (unit == Unit::Same) {
            factor += U;
        } else if (unit == Unit::Square) {
            factor += a * U;
        }
        Floats result = a * factor;
        if (M != 0.0F) {
            result += load(t + i, count, 0.0F) * M;
        }
        if (unit == Unit::Stored) {
            result += load(rows.storedStudent + i, count, 0.0F) * U;
        }
        store(s + i, count, result);
    }
}

// The target's exponentials become the gradient of its cross-entropy over the common columns.
void combineTarget(const Rows& rows, float U)
{
    float* t = rows.target.logits;
    for (std::int64_t i = 0; i < rows.target.common; i += kLanes) {
        const std::int64_t count = rows.target.common - i;
        const Floats b = load(t + i, count, 0.0F);
        const Floats e = rows.targetUnit == Unit::Same     ? b
                         : rows.targetUnit == Unit::Square ? b * b
                                                           : load(rows.storedTarget + i, count, 0.0F);
        store(t + i, count, e * U);
    }
}

// The distance of sorted probabilities: no temperature, and every column of both sides. Replaces the logits by a and b.
RowSums sortedPass(const Rows& rows, RowScratch& scratch, UnitSums& units)
{
    RowSums sums;
    sums.student = exponentials(rows.student.logits, rows.student.columns, rows.student.allLargest);
    sums.target = exponentials(rows.target.logits, rows.target.columns, rows.target.allLargest);
    units = {sums.student, sums.target};
    const SortedDistance sorted = sortedDistance(
        {rows.student.logits, rows.student.columns, sums.student},
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
    case Distance::Akl:
        sums = firstPass<SymPart>(rows, distance, units);
        return adaptive(rows, distance, sums);
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
    case Distance::Uld:
        sums = sortedPass(rows, scratch, units);
        return TwoPasses::slopes(sums.value, sums);
    }
    return {};
}

// After the common columns: the others, the norm, and the value of the cross-entropy.
void finishUnit(Side& side, double commonSum, SideValues& values)
{
    side.unitRatio = static_cast<float>(
        std::exp(static_cast<double>(side.commonLargest) - static_cast<double>(side.allLargest)));
    side.unitSum = commonSum * static_cast<double>(side.unitRatio) +
                   exponentials(side.logits + side.common, side.columns - side.common, side.allLargest);
    values.crossEntropy =
        std::log(side.unitSum) - (static_cast<double>(side.labelLogit) - static_cast<double>(side.allLargest));
    values.maxProbability = static_cast<float>(1.0 / side.unitSum);
}

void atLabel(const Side& side, const SideOfRow& of)
{
    if (of.label >= 0) {
        side.logits[of.label] -= of.crossEntropyFactor;
    }
}

// The gradient of the cross-entropy in the columns beyond the common ones, and at the label.
void finishGradient(const Side& side, const SideOfRow& of)
{
    float* rest = side.logits + side.common;
    if (of.crossEntropy) {
        scale(rest, side.columns - side.common,
              static_cast<float>(static_cast<double>(of.crossEntropyFactor) / side.unitSum));
        atLabel(side, of);
    } else {
        fill(rest, side.columns - side.common);
    }
}

float unitFactor(const Side& side, const SideOfRow& of)
{
    return of.crossEntropy ? static_cast<float>(static_cast<double>(of.crossEntropyFactor) *
                                                static_cast<double>(side.unitRatio) / side.unitSum)
                           : 0.0F;
}

// A side for itself: its cross-entropy, if it is asked for, over all columns.
void alone(Side& side, const SideOfRow& of, SideValues& values)
{
    side.common = side.columns;
    side.commonLargest = side.allLargest;
    if (of.crossEntropy) {
        finishUnit(side, exponentials(side.logits, side.columns, side.allLargest), values);
        if (of.gradient) {
            scale(side.logits, side.columns, unitFactor(side, of));
            atLabel(side, of);
        }
    } else if (of.gradient) {
        fill(side.logits, side.columns);
    }
}

} // namespace

RowValues DSKD_ROW_KERNEL(const RowTask& task, const RowDistance& distance, RowScratch& scratch)
{
    RowValues values;
    const bool hasTarget = task.target.logits != nullptr;
    const bool sorted = distance.distance == Distance::Uld;
    const std::int64_t common =
        hasTarget && task.distance && !sorted ? smaller(task.student.columns, task.target.columns) : -1;
    Rows rows{.student = lookAt(task.student, common < 0 ? task.student.columns : common, values.student)};
    if (hasTarget) {
        rows.target = lookAt(task.target, common < 0 ? task.target.columns : common, values.target);
    }
    const bool correct = hasTarget && task.target.label >= 0 && values.target.predicted == task.target.label;
    if (!task.distance || (task.onlyWhereTargetCorrect && !correct)) {
        alone(rows.student, task.student, values.student);
        if (hasTarget) {
            alone(rows.target, task.target, values.target);
        }
        return values;
    }
    scratch.fit(task.student.columns > task.target.columns ? task.student.columns : task.target.columns);
    rows.studentUnit = unitOf(task.student.crossEntropy, sorted ? 1.0F : distance.studentScale);
    rows.targetUnit = unitOf(task.target.crossEntropy, sorted ? 1.0F : distance.targetScale);
    rows.kept = scratch.kept();
    rows.storedStudent = scratch.studentUnit();
    rows.storedTarget = scratch.targetUnit();
    RowSums sums;
    UnitSums units;
    const RowResult result = distanceOf(rows, distance, scratch, sums, units);
    values.distance = result.value * static_cast<double>(distance.valueScale);
    if (task.student.crossEntropy) {
        finishUnit(rows.student, units.student, values.student);
    }
    if (task.target.crossEntropy) {
        finishUnit(rows.target, units.target, values.target);
    }
    if (task.student.gradient) {
        // by the logits, which the scale stands before
        const double factor = static_cast<double>(task.distanceFactor) * static_cast<double>(distance.valueScale) *
                              (sorted ? 1.0 : static_cast<double>(distance.studentScale));
        const auto K = static_cast<float>(factor * result.kept / sums.student);
        const auto L = static_cast<float>(factor * result.student / sums.student);
        const auto M = static_cast<float>(factor * result.target / sums.target);
        const float U = unitFactor(rows.student, task.student);
        if (result.kept != 0.0) {
            combine<true>(rows, K, L, M, U);
        } else {
            combine<false>(rows, K, L, M, U);
        }
        finishGradient(rows.student, task.student);
    }
    if (task.target.gradient) {
        if (task.target.crossEntropy) {
            combineTarget(rows, unitFactor(rows.target, task.target));
        } else {
            fill(rows.target.logits, rows.target.common);
        }
        finishGradient(rows.target, task.target);
    }
    return values;
}

} // namespace dskd::kernels::rows
