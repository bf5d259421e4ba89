#pragma once

// What a row adds up to for its distance, and what its gradient is made of. For one row: x = scaled student logit - its
// maximum, y likewise of the target, a = e^x, b = e^y, A and B their sums, q = a / A, p = b / B. With delta = log B -
// log A: log q - log p = x - y + delta.
//
// The gradient of every distance by the student's scaled logit has the form q (k K + L) + M p, where k is a number of
// the token that is kept between the passes, and K, L, M belong to the row.

#include "core/base/distance.h"

#include <cmath>

namespace dskd::kernels::rows
{
namespace
{

// What of a token the first pass keeps for the later ones.
enum class Kept { Nothing, Student, Difference }; // x; x - y

// Sums over a row. The first pass makes the first five, the second pass the last two.
struct RowSums {
    double student = 0.0;    // A
    double target = 0.0;     // B
    double forward = 0.0;    // sum b (y - x)
    double reverse = 0.0;    // sum a (x - y)
    double targetLogs = 0.0; // sum b y
    double value = 0.0;      // sum of Second::value
    double slope = 0.0;      // sum of q * Second::slope

    [[nodiscard]] double delta() const { return std::log(target) - std::log(student); }
    [[nodiscard]] double kl() const { return forward / target - delta(); }
    [[nodiscard]] double rkl() const { return reverse / student + delta(); }
    [[nodiscard]] double targetEntropy() const { return std::log(target) - targetLogs / target; }
};

struct RowResult {
    double value = 0.0;
    double kept = 0.0;    // K
    double student = 0.0; // L
    double target = 0.0;  // M
};

// (1 - w) KL + w RKL, w a constant
inline RowResult mixed(const RowSums& sums, double forward, double reverse)
{
    const double rkl = reverse != 0.0 ? sums.rkl() : 0.0;
    const double kl = forward != 0.0 ? sums.kl() : 0.0;
    return {forward * kl + reverse * rkl, reverse, forward + reverse * (sums.delta() - rkl), -forward};
}

} // namespace
} // namespace dskd::kernels::rows
