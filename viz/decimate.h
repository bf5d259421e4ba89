#pragma once

#include <QPointF>
#include <span>
#include <vector>

namespace dskd::viz
{

struct Decimated {
    std::vector<QPointF> points;    // what to draw, in order
    std::size_t visible = 0;        // drawable points inside the range, before
    std::size_t notFinite = 0;      // points inside the range that cannot be drawn
    std::size_t notPositive = 0;    // the same, <= 0 with logY
    std::vector<QPointF> skippedAt; // of both at most one per pixel column and kind
};

// What a line `columns` pixels wide can show of `points` (rising x) between xMin and xMax: of each pixel column the
// least and the greatest value in their order, so no spike disappears, and one neighbour beyond either end, so that the
// line reaches the edges. With logX 0 < xMin, and the columns are those of a logarithmic axis. Linear in the visible
// points.
[[nodiscard]] Decimated decimate(std::span<const QPointF> points, double xMin, double xMax, int columns,
                                 bool logY = false, bool logX = false);

} // namespace dskd::viz
