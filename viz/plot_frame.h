#pragma once

#include "viz/axis_scale.h"
#include "viz/curve.h"

#include <QColor>
#include <QFont>
#include <QPointF>
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

// Points that cannot be drawn, in the colours of their curves.
struct LeftOut {
    struct Point {
        double x = 0.0; // in data coordinates
        QColor color;
        friend bool operator==(const Point&, const Point&) = default;
    };
    std::vector<Point> atBottom; // NaN, minus infinity, what a log axis cannot show
    std::vector<Point> atTop;    // infinity

    void add(const QPointF& point, const QColor& color);
    [[nodiscard]] QString symbols() const; // of the triangles that are painted: "\u25bc", "\u25b2", both, or empty
};

// A triangle at the edge for each, with an outline of `ink`, so that it stands out from lines of its colour.
void paintLeftOut(QPainter& painter, const PlotFrame& frame, const LeftOut& points, const QColor& ink);

} // namespace dskd::viz
