#pragma once

// What a chart draws. Charts know curves, not runs or databases.

#include "viz/grown.h"

#include <QColor>
#include <QPointF>
#include <QString>

namespace dskd::viz
{

// How the x axis is divided: by round whole numbers (of steps, of tokens), or by minutes and hours.
enum class XKind { Number, Seconds };

struct Curve {
    QString id;    // stays the same while the curve grows: "20261123-051200-dskd-s10/loss"
    QString label; // for legend, crosshair and export: "dual space s10"
    QColor color;
    // In rising order of x. y may be NaN or infinite: such points are marked, not drawn. Every recorded point,
    // undecimated.
    Grown<QPointF> points;
    // Half-width of the band around each point (deviation over seeds); empty: none.
    Grown<double> deviations;
    bool strong = false; // the selected run or the mean of a group: a wider line, drawn last
    bool dashed = false; // distinguishes curves of one colour, for instance two metrics of one run
};

} // namespace dskd::viz
