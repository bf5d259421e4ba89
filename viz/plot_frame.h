#pragma once

#include "viz/axis_scale.h"
#include "viz/curve.h"

#include <QFont>
#include <QRectF>
#include <QString>
#include <vector>

class QPainter;

namespace dskd::viz
{

// The visible part of a chart, in data coordinates: x and y as recorded, also on a log axis (where they begin above 0).
struct PlotRange {
    double xMin = 0.0;
    double xMax = 1.0;
    double yMin = 0.0;
    double yMax = 1.0;
    bool logY = false;
    XKind xKind = XKind::Number;
    bool logX = false;
    double yFactor = 1.0; // the numbers beside the y axis are the values times this: 100 for per cent
    QString ySuffix;      // behind each of them: "%"
};

[[nodiscard]] double onAxis(double value, bool log); // what is proportional to pixels

// Where everything of a plot lies: on the screen, on paper. Coordinates are those of its painter.
struct PlotFrame {
    QRectF plot; // inside the axes
    PlotRange range;
    std::vector<Tick> xTicks;
    std::vector<Tick> yTicks;

    [[nodiscard]] double toX(double x) const;
    [[nodiscard]] double toY(double y) const;
    [[nodiscard]] double dataX(double at) const;
    [[nodiscard]] double dataY(double at) const;
};

// Ticks and the room that their texts need within `outer`.
[[nodiscard]] PlotFrame layOutPlot(const PlotRange& range, const QRectF& outer, const QFont& font);

// Hairlines and numbers, with the title of the x axis where there is room.
void paintAxes(QPainter& painter, const PlotFrame& frame, const QString& xTitle, const QFont& font, const QColor& ink);

// Vertical lines and spans with their texts, which give way to one another.
void paintMarks(QPainter& painter, const PlotFrame& frame, const std::vector<Mark>& marks, const QFont& font,
                const QColor& ink);

// Triangles at the edge for points that cannot be drawn: x in data coordinates.
void paintLeftOut(QPainter& painter, const PlotFrame& frame, const std::vector<double>& atBottom,
                  const std::vector<double>& atTop, const QColor& ink);

} // namespace dskd::viz
