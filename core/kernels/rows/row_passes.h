#pragma once

// A row from its logits to its values and gradients, for the file that compiles it for some processor: it defines
// DSKD_ROW_KERNEL, the name of the function that row_kernel.cpp knows.

#include "core/kernels/rows/row_distance.h"

namespace dskd::kernels::rows
{
namespace
{

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

} // namespace

RowValues DSKD_ROW_KERNEL(const RowTask& task, const RowDistance& distance, RowScratch& scratch)
{
    RowValues values;
    const bool hasTarget = task.target.logits != nullptr;
    const bool sorted = distance.distance == Distance::Uld;
    const std::int64_t common =
        hasTarget && task.distance && !sorted ? smaller(task.student.columns, task.target.columns) : -1;
    Rows rows;
    rows.student = lookAt(task.student, common < 0 ? task.student.columns : common, values.student);
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
        const float M = result.target != 0.0 ? static_cast<float>(factor * result.target / sums.target) : 0.0F;
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
