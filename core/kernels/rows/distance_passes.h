#pragma once

// The two passes of a distance over the columns that both sides of a row have. The letters are those of row_sums.h; a
// Part is one of distance_parts.h or mixture_parts.h.

#include "core/kernels/rows/row_units.h"

#include "core/kernels/rows/distance_parts.h" // after the functions of its number type

#include <cmath>

namespace dskd::kernels::rows
{
namespace
{

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

} // namespace
} // namespace dskd::kernels::rows
