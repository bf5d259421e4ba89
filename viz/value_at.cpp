#include "viz/value_at.h"

#include <algorithm>
#include <cmath>

namespace dskd::viz
{

namespace
{

double mapped(double value, bool log)
{
    return log ? std::log10(value) : value;
}

bool drawable(const QPointF& point, bool logX, bool logY)
{
    return std::isfinite(point.y()) && (!logY || point.y() > 0.0) && (!logX || point.x() > 0.0);
}

} // namespace

std::optional<ValueAt> valueAt(std::span<const QPointF> points, double x, double tolerance, bool logX, bool logY)
{
    const auto byX = [](const QPointF& point, double at) { return point.x() < at; };
    const auto right =
        static_cast<std::size_t>(std::lower_bound(points.begin(), points.end(), x, byX) - points.begin());
    std::optional<std::size_t> nearest;
    for (const std::size_t i : {right, right - 1}) { // right - 1 of 0 is beyond the size
        if (i < points.size() && std::abs(points[i].x() - x) <= tolerance &&
            (!nearest || std::abs(points[i].x() - x) < std::abs(points[*nearest].x() - x))) {
            nearest = i;
        }
    }
    if (nearest) {
        return ValueAt{points[*nearest], *nearest, *nearest, drawable(points[*nearest], logX, logY)};
    }
    std::size_t after = right;
    while (after < points.size() && !drawable(points[after], logX, logY)) {
        ++after;
    }
    std::size_t end = right; // one behind the point to the left
    while (end > 0 && !drawable(points[end - 1], logX, logY)) {
        --end;
    }
    if (after == points.size() || end == 0) {
        return std::nullopt;
    }
    const QPointF& a = points[end - 1];
    const QPointF& b = points[after];
    const double width = mapped(b.x(), logX) - mapped(a.x(), logX);
    const double share = width > 0.0 ? (mapped(x, logX) - mapped(a.x(), logX)) / width : 0.0;
    const double low = mapped(a.y(), logY);
    const double y = low + share * (mapped(b.y(), logY) - low);
    return ValueAt{QPointF(x, logY ? std::pow(10.0, y) : y), end - 1, after, true};
}

} // namespace dskd::viz
