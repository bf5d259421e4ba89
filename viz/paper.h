#pragma once

// What pictures on paper have in common: background, title, notes, the name of the y axis, the legend. Each function
// paints its part into `rest` and returns what is left of it. With any painter: a picture, a page, a vector file.

#include <QColor>
#include <QFont>
#include <QLineF>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <functional>
#include <optional>

class QPainter;

namespace dskd::viz
{

// Colours of what is no data.
struct ChartInk {
    QColor paper;
    QColor text;
    QColor muted;
};

// The background and, at its top, the title in bold and the notes in one line.
[[nodiscard]] QRectF paintHead(QPainter& painter, const QRectF& target, const QString& title, const QStringList& notes,
                               const ChartInk& ink, const QFont& font);

// Labels at the bottom, in as many lines as they need, behind a mark each: `paintMark` fills its box.
[[nodiscard]] QRectF paintLegend(QPainter& painter, const QRectF& rest, const QStringList& labels,
                                 const std::function<void(qsizetype label, const QRectF& box)>& paintMark,
                                 const ChartInk& ink, const QFont& font);

// Turned, at the left.
[[nodiscard]] QRectF paintYTitle(QPainter& painter, const QRectF& rest, const QString& title, const ChartInk& ink,
                                 const QFont& font);

// The part of the line from a to b inside the area (Liang and Barsky); none outside. Vector files have no clipping in
// every Qt, so lines are cut instead.
[[nodiscard]] std::optional<QLineF> inside(const QPointF& a, const QPointF& b, const QRectF& area);

} // namespace dskd::viz
