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

bool drawable(const QPointF& point, bool positiveOnly)
{
    return std::isfinite(point.y()) && (!positiveOnly || point.y() > 0.0);
}

// The nearest drawable point outside the range, searched no further than a few points.
const QPointF* neighbour(std::span<const QPointF> points, std::ptrdiff_t from, std::ptrdiff_t step, bool positiveOnly)
{
    constexpr int kPatience = 64;
    for (int i = 0; i < kPatience && from >= 0 && from < std::ssize(points); ++i, from += step) {
        if (drawable(points[static_cast<std::size_t>(from)], positiveOnly)) {
            return &points[static_cast<std::size_t>(from)];
        }
    }
    return nullptr;
}

} // namespace

Decimated decimate(std::span<const QPointF> points, double xMin, double xMax, int columns, bool positiveOnly)
{
    Decimated result;
    const std::span<const QPointF> inside = between(points, xMin, xMax);
    const std::ptrdiff_t offset = inside.data() - points.data();
    if (const QPointF* left = neighbour(points, offset - 1, -1, positiveOnly)) {
        result.points.push_back(*left);
    }
    const double width = xMax > xMin ? (xMax - xMin) / std::max(1, columns) : 1.0;
    const auto columnOf = [&](const QPointF& point) {
        return std::min<std::int64_t>(static_cast<std::int64_t>((point.x() - xMin) / width), columns - 1);
    };
    for (std::size_t i = 0; i < inside.size();) {
        const std::int64_t column = columnOf(inside[i]);
        const QPointF* least = nullptr;
        const QPointF* greatest = nullptr;
        const QPointF* skipped = nullptr;
        for (; i < inside.size() && columnOf(inside[i]) == column; ++i) {
            if (!drawable(inside[i], positiveOnly)) {
                skipped = &inside[i];
                ++result.skipped;
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
        if (skipped != nullptr) {
            result.skippedAt.push_back(*skipped);
        }
        if (least == nullptr) {
            continue;
        }
        result.points.push_back(*std::min(least, greatest));
        if (least != greatest) {
            result.points.push_back(*std::max(least, greatest));
        }
    }
    if (const QPointF* right = neighbour(points, offset + std::ssize(inside), 1, positiveOnly)) {
        result.points.push_back(*right);
    }
    return result;
}

} // namespace dskd::viz
