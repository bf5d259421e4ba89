#pragma once

// What a chart draws. Charts know curves, not runs or databases.

#include "viz/grown.h"

#include <QColor>
#include <QPointF>
#include <QString>
#include <cstdint>
#include <limits>

namespace dskd::viz
{

// How the x axis is divided: by round whole numbers (of steps, of tokens), by round numbers (of epochs), or by minutes
// and hours.
enum class XKind { Number, Fraction, Seconds };

struct Curve {
    QString id;    // stays the same while the curve grows: "20261123-051200-dskd-s10/loss"
    QString label; // for legend and export: "dual space, seed 10"
    QColor color;
    // In rising order of x. y may be NaN or infinite: such points are marked, not drawn. Every recorded point,
    // undecimated, or see `recorded`.
    Grown<QPointF> points;
    // Half-width of the band around each point (deviation over seeds); empty: none.
    Grown<double> deviations;
    bool strong = false; // the selected run or the mean of a group: a wider line, drawn last
    bool dashed = false; // distinguishes curves of one colour, for instance two metrics of one run
    // Of how many runs each point is the mean; empty: it is none.
    Grown<int> counts;
    // Where the filled area below each point begins, which makes the curve a layer of a stack: its value is the height
    // of the layer. Empty: a line.
    Grown<double> floors;
    // What the values can be: the band ends there.
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
    QColor printColor; // on white paper; invalid: `color`
    // Where `points` are only some of what was recorded, least and greatest of each few: how many were recorded, and
    // how many of them are NaN or infinite (the first of them is among the points). 0: these are all.
    std::int64_t recorded = 0;
    std::int64_t notFinite = 0;
};

// A point of the x axis, or a part of it, with a few words: where a run was resumed, where something went wrong.
struct Mark {
    double from = 0.0;
    double to = 0.0; // == from: a line
    QString text;    // beside it where there is room, always on hover
    QColor color;    // invalid: that of the axis texts
    friend bool operator==(const Mark&, const Mark&) = default;
};

} // namespace dskd::viz
