#pragma once

#include "viz/drawn_curve.h"
#include "viz/paper.h"

#include <QFont>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <vector>

class QPainter;

namespace dskd::viz
{

// A chart as it goes to paper: everything chosen, nothing to compute. CurveChart::picture() makes it.
struct ChartPicture {
    struct Line {
        QString label;
        QColor color;
        QPen pen;
        QColor area;
        VisibleCurve visible;
    };
    QString title;
    QString xTitle;
    QString yTitle;
    QStringList notes; // what was done to the numbers: "EMA 0.6", "mean of 3 seeds", "2 not finite, first at step 412"
    PlotRange range;
    std::vector<Line> lines; // in the order of painting
    std::vector<Mark> marks;
    LeftOut leftOut;
};

// Paints title, notes, axes with their names, curves and legend into `target`, with any painter: a picture, a page, a
// vector file. `font`: of the numbers; a font with a pixel size looks the same on every device.
void paintChart(QPainter& painter, const QRectF& target, const ChartPicture& picture, const ChartInk& ink,
                const QFont& font);

} // namespace dskd::viz
