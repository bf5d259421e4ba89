#pragma once

// Both sides of a row on their way through the passes of a distance, and the softmax at temperature 1 that their
// cross-entropies need beside the distance's own.

#include "core/kernels/rows/row_side.h"

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

} // namespace
} // namespace dskd::kernels::rows
