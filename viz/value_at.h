#pragma once

#include <QPointF>
#include <cstddef>
#include <optional>
#include <span>

namespace dskd::viz
{

// What a line shows at one x.
struct ValueAt {
    QPointF at;             // on the line; of a point that cannot be drawn its x and its value as recorded
    std::size_t before = 0; // index of the point there, or of the nearest drawable one to the left
    std::size_t after = 0;  // == before at a point; else the nearest drawable one to the right
    bool drawn = true;      // false: NaN, infinite, or <= 0 on a logarithmic axis
    [[nodiscard]] bool recorded() const { return before == after; }
};

// The value of the line through `points` (rising x): that of the nearest point no further than `tolerance` from x
// (half a pixel), else the height of the segment that is drawn over x, which is straight on the axes as they are. None
// where there is no line: before the first point and behind the last.
[[nodiscard]] std::optional<ValueAt> valueAt(std::span<const QPointF> points, double x, double tolerance, bool logX,
                                             bool logY);

} // namespace dskd::viz
