#pragma once

#include <QPointF>
#include <span>
#include <vector>

namespace dskd::viz
{

struct Decimated {
    std::vector<QPointF> points; // what to draw, in order
    std::size_t visible = 0;     // drawable points inside the range, before
    std::size_t skipped = 0;     // points inside the range that cannot be drawn: not finite, or <= 0 with positiveOnly
    std::vector<QPointF> skippedAt; // of them at most one per pixel column
};

// What a line `columns` pixels wide can show of `points` (rising x) between xMin and xMax: of each pixel column the
// least and the greatest value in their order, so no spike disappears, and one neighbour beyond either end, so that the
// line reaches the edges. `positiveOnly`: for a logarithmic axis. Linear in the visible points.
[[nodiscard]] Decimated decimate(std::span<const QPointF> points, double xMin, double xMax, int columns,
                                 bool positiveOnly = false);

} // namespace dskd::viz
