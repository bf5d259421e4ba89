#include "core/metrics/box_figures.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace dskd::metrics
{
namespace
{

constexpr double kWhiskers = 1.5; // Tukey's

double quantile(const std::vector<double>& sorted, double share)
{
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

} // namespace

std::optional<BoxFigures> boxFigures(std::vector<double> values)
{
    std::erase_if(values, [](double value) { return !std::isfinite(value); });
    if (values.empty()) {
        return std::nullopt;
    }
    std::sort(values.begin(), values.end());
    BoxFigures box;
    box.count = values.size();
    box.least = values.front();
    box.lowerQuartile = quantile(values, 0.25);
    box.median = quantile(values, 0.5);
    box.upperQuartile = quantile(values, 0.75);
    box.greatest = values.back();
    const double reach = kWhiskers * (box.upperQuartile - box.lowerQuartile);
    // A value lies in the box at least, so both are found.
    box.lowerWhisker =
        *std::find_if(values.begin(), values.end(), [&](double value) { return value >= box.lowerQuartile - reach; });
    box.upperWhisker =
        *std::find_if(values.rbegin(), values.rend(), [&](double value) { return value <= box.upperQuartile + reach; });
    std::copy_if(values.begin(), values.end(), std::back_inserter(box.outliers),
                 [&](double value) { return value < box.lowerWhisker || value > box.upperWhisker; });
    return box;
}

} // namespace dskd::metrics
