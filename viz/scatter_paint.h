#pragma once

// How points in a plane are laid out and painted, on the screen and on paper.

#include "viz/paper.h"
#include "viz/scatter.h"

#include <QFont>
#include <QRectF>
#include <optional>
#include <vector>

class QPainter;

namespace dskd::viz
{

// Where the visible part lies: `part` in data units, `plot` in pixels. One scale for both axes, so that distances can
// be seen; y upwards.
struct ScatterLayout {
    QRectF plot;
    QRectF part;

    [[nodiscard]] double unit() const; // pixels of one data unit
    [[nodiscard]] QPointF toPixel(const QPointF& place) const;
    [[nodiscard]] QPointF toData(const QPointF& pixel) const;
};

inline constexpr double kScatterRadius = 3.0; // of a point, in pixels

[[nodiscard]] bool isDrawn(const ScatterPoint& point); // it is finite
// Around all points, with room; a unit square around a single one; empty without any.
[[nodiscard]] QRectF extentOf(const std::vector<ScatterPoint>& points);

// The mark of a series around `centre`: a disc, or a ring. `onPaper`: in the colour for paper.
void paintScatterMark(QPainter& painter, const ScatterSeries& series, const QPointF& centre, bool onPaper);
// Hairlines at round values.
void paintScatterGrid(QPainter& painter, const ScatterLayout& layout, const QColor& ink);
// What lies in the plot; `connected`: with lines between points that belong together. `marked` stands out.
void paintScatterPoints(QPainter& painter, const ScatterPicture& picture, const ScatterLayout& layout, bool connected,
                        std::optional<int> marked, const QColor& ink, bool onPaper);

// What is visible as it goes to paper: with title, notes, the names of both axes and the legend. A font with a pixel
// size looks the same on every device.
void paintScatter(QPainter& painter, const QRectF& target, const ScatterPaper& paper, const ChartInk& ink,
                  const QFont& font);

} // namespace dskd::viz
