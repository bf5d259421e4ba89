#include "viz/axis_range.h"

#include <algorithm>
#include <cmath>

namespace dskd::viz
{

namespace
{

constexpr double kHeadroom = 0.04;   // of the range, above and below
constexpr double kOfOneValue = 0.05; // of its size
constexpr double kSameValue = 1e-12; // of its size: what rounding makes of a constant
constexpr double kAroundZero = 1.0;
constexpr double kLogFactor = 2.0;

} // namespace

std::pair<double, double> valueRange(double low, double high, bool logY)
{
    const double size = std::max(std::abs(low), std::abs(high));
    const bool one = high - low <= kSameValue * size;
    if (logY) {
        const double factor = one ? kLogFactor : std::pow(high / low, kHeadroom);
        return {low / factor, high * factor};
    }
    const double around = !one ? (high - low) * kHeadroom : size > 0.0 ? size * kOfOneValue : kAroundZero;
    return {low - around, high + around};
}

std::pair<double, double> stepRange(double low, double high)
{
    return high > low ? std::pair(low, high) : std::pair(std::max(0.0, low - 1.0), low + 1.0);
}

} // namespace dskd::viz
