#pragma once

// The figures of a box plot: how values are distributed, at a glance.

#include <cstddef>
#include <optional>
#include <vector>

namespace dskd::metrics
{

// Quartiles interpolate linearly between the sorted values (numpy's and matplotlib's default). The whiskers end at the
// outermost values within 1.5 x (upper - lower quartile) of the box; what lies beyond is an outlier.
struct BoxFigures {
    std::size_t count = 0;
    double least = 0.0;
    double lowerWhisker = 0.0;
    double lowerQuartile = 0.0;
    double median = 0.0;
    double upperQuartile = 0.0;
    double upperWhisker = 0.0;
    double greatest = 0.0;
    std::vector<double> outliers; // rising
    bool operator==(const BoxFigures&) const = default;
};

// Of the finite values; nothing when there is none.
[[nodiscard]] std::optional<BoxFigures> boxFigures(std::vector<double> values);

} // namespace dskd::metrics
