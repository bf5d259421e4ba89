#include "viz/decimate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace dskd::viz
{

namespace
{

bool before(const QPointF& point, double x)
{
    return point.x() < x;
}

std::span<const QPointF> between(std::span<const QPointF> points, double xMin, double xMax)
{
    const auto first = std::lower_bound(points.begin(), points.end(), xMin, before);
    const auto last = std::upper_bound(first, points.end(), xMax, [](double x, const QPointF& p) { return x < p.x(); });
    return {first, last};
}

bool drawable(const QPointF& point, bool logY, bool logX)
{
    return std::isfinite(point.y()) && (!logY || point.y() > 0.0) && (!logX || point.x() > 0.0);
}

// The nearest drawable point outside the range, searched no further than a few points.
const QPointF* neighbour(std::span<const QPointF> points, std::ptrdiff_t from, std::ptrdiff_t step, bool logY,
                         bool logX)
{
    constexpr int kPatience = 64;
    for (int i = 0; i < kPatience && from >= 0 && from < std::ssize(points); ++i, from += step) {
        if (drawable(points[static_cast<std::size_t>(from)], logY, logX)) {
            return &points[static_cast<std::size_t>(from)];
        }
    }
    return nullptr;
}

} // namespace

Decimated decimate(std::span<const QPointF> points, double xMin, double xMax, int columns, bool logY, bool logX)
{
    Decimated result;
    const std::span<const QPointF> inside = between(points, xMin, xMax);
    const std::ptrdiff_t offset = inside.data() - points.data();
    if (const QPointF* neighbourLeft = neighbour(points, offset - 1, -1, logY, logX)) {
        result.points.push_back(*neighbourLeft);
    }
    const auto mapped = [&](double x) { return logX ? std::log10(x) : x; };
    const double left = mapped(xMin);
    const double width = xMax > xMin ? (mapped(xMax) - left) / std::max(1, columns) : 1.0;
    const auto columnOf = [&](const QPointF& point) {
        return std::min<std::int64_t>(static_cast<std::int64_t>((mapped(point.x()) - left) / width), columns - 1);
    };
    for (std::size_t i = 0; i < inside.size();) {
        const std::int64_t column = columnOf(inside[i]);
        const QPointF* least = nullptr;
        const QPointF* greatest = nullptr;
        const QPointF* notFinite = nullptr;
        const QPointF* notPositive = nullptr;
        for (; i < inside.size() && columnOf(inside[i]) == column; ++i) {
            if (!std::isfinite(inside[i].y())) {
                notFinite = &inside[i];
                ++result.notFinite;
                continue;
            }
            if (logY && inside[i].y() <= 0.0) {
                notPositive = &inside[i];
                ++result.notPositive;
                continue;
            }
            ++result.visible;
            if (least == nullptr || inside[i].y() < least->y()) {
                least = &inside[i];
            }
            if (greatest == nullptr || inside[i].y() > greatest->y()) {
                greatest = &inside[i];
            }
        }
        for (const QPointF* skipped : {notFinite, notPositive}) {
            if (skipped != nullptr) {
                result.skippedAt.push_back(*skipped);
            }
        }
        if (least == nullptr) {
            continue;
        }
        result.points.push_back(*std::min(least, greatest));
        if (least != greatest) {
            result.points.push_back(*std::max(least, greatest));
        }
    }
    if (const QPointF* right = neighbour(points, offset + std::ssize(inside), 1, logY, logX)) {
        result.points.push_back(*right);
    }
    return result;
}

} // namespace dskd::viz
