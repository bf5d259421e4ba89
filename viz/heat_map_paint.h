#pragma once

// How a heat map is laid out and painted, on the screen and on paper. Used by HeatMapView only.

#include "viz/heat_map.h"
#include "viz/heat_map_view.h"

#include <QFont>
#include <QImage>
#include <QPalette>
#include <QRectF>
#include <optional>
#include <utility>
#include <vector>

class QPainter;

namespace dskd::viz
{

struct HeatMapLayout {
    QRectF part;           // the visible cells
    QRectF cells;          // where they are drawn, in pixels
    QRectF bar;            // the colour bar, at the right of the cells
    bool barBelow = false; // below them, from left to right: the view is narrow
    QRectF line;           // the readout
    bool labelled = true;  // tokens fit beside the cells; else the cells have their room

    [[nodiscard]] QPointF toCells(const QPointF& pixel) const;
    [[nodiscard]] QRectF toPixels(int column, int row) const;
};

struct HeatMapLook {
    Scale scale = Scale::Sequential;
    bool log = false;
    std::pair<float, float> range{0.0F, 1.0F}; // of the colours
    QString rowTitle;
    QString columnTitle;
    std::optional<QPoint> cursor;
    std::vector<QRect> outlines; // in cells
};

// The range that the colours span. `wanted`, or without it that of the finite values; symmetric around 0 for
// differences, whatever is wanted.
[[nodiscard]] std::pair<float, float> colourRange(const HeatMap& map, Scale scale,
                                                  const std::optional<std::pair<float, float>>& wanted = std::nullopt);

// One pixel a cell. By `log` the colours begin at 1e-4.
[[nodiscard]] QImage heatMapImage(const HeatMap& map, Scale scale, bool log,
                                  const std::optional<std::pair<float, float>>& wanted = std::nullopt);

// The visible cells in as many pixels as they take on the screen: sharp where a cell has a pixel or more, else
// averaged, so that no value disappears between pixels.
[[nodiscard]] QImage visibleCells(const QImage& image, const QRectF& part, const QSize& pixels);

[[nodiscard]] HeatMapLayout heatMapLayout(const HeatMap& map, const QRectF& part, const QRectF& widget,
                                          const QFont& font);

void paintHeatMap(QPainter& painter, const HeatMap& map, const QImage& cells, const HeatMapLayout& layout,
                  const HeatMapLook& look, const QPalette& palette);

} // namespace dskd::viz
