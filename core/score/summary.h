#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace dskd::score
{

// Mean of the values; NaN for none.
[[nodiscard]] inline double mean(std::span<const double> values)
{
    double sum = 0;
    for (const double value : values) {
        sum += value;
    }
    return values.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(values.size());
}

// Sample standard deviation (divisor n - 1), as papers report it over seeds; NaN for fewer than two values.
[[nodiscard]] inline double sampleStandardDeviation(std::span<const double> values)
{
    if (values.size() < 2) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    const double centre = mean(values);
    double squares = 0;
    for (const double value : values) {
        squares += (value - centre) * (value - centre);
    }
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

} // namespace dskd::score
