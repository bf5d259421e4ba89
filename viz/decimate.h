#pragma once

#include <QPointF>
#include <span>
#include <vector>

namespace dskd::viz
{

struct Decimated {
    std::vector<QPointF> points; // finite ones, in order
    std::size_t visible = 0;     // finite points inside the range, before
};

// What a line `columns` pixels wide can show of `points` (rising x) between xMin and xMax: of each pixel column the
// least and the greatest value in their order, so no spike disappears, and one neighbour beyond either end, so that the
// line reaches the edges. Points that are not finite are left out. Linear in the visible points.
[[nodiscard]] Decimated decimate(std::span<const QPointF> points, double xMin, double xMax, int columns);

// x of the points between xMin and xMax whose y is not finite, at most one per pixel column.
[[nodiscard]] std::vector<QPointF> notFinite(std::span<const QPointF> points, double xMin, double xMax, int columns);

} // namespace dskd::viz
