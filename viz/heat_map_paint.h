#pragma once

// How a heat map is laid out and painted. Used by HeatMapView only.

#include "viz/heat_map.h"
#include "viz/heat_map_view.h"

#include <QFont>
#include <QImage>
#include <QPalette>
#include <QRectF>
#include <optional>

class QPainter;

namespace dskd::viz
{

struct HeatMapLayout {
    QRectF part;  // the visible cells
    QRectF cells; // where they are drawn, in pixels
    QRectF bar;   // the colour bar
    QRectF line;  // the readout

    [[nodiscard]] QPointF toCells(const QPointF& pixel) const;
    [[nodiscard]] QRectF toPixels(int column, int row) const;
};

struct HeatMapLook {
    Scale scale = Scale::Sequential;
    bool log = false;
    QString rowTitle;
    QString columnTitle;
    std::optional<QPoint> cursor;
};

// Space as "·", line end as "⏎", tab as "⇥", nothing as "∅", so that every token can be seen.
[[nodiscard]] QString visibleToken(QString token);

// The range that the colours span: [0, 1], or symmetric around 0 for differences.
[[nodiscard]] std::pair<float, float> colourRange(const HeatMap& map, Scale scale);

// One pixel a cell.
[[nodiscard]] QImage heatMapImage(const HeatMap& map, Scale scale, bool log);

[[nodiscard]] HeatMapLayout heatMapLayout(const HeatMap& map, const QRectF& part, const QRectF& widget,
                                          const QFont& font);

void paintHeatMap(QPainter& painter, const HeatMap& map, const QImage& image, const HeatMapLayout& layout,
                  const HeatMapLook& look, const QPalette& palette);

} // namespace dskd::viz
