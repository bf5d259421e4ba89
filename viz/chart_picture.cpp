#include "viz/chart_picture.h"

#include <QFontMetricsF>
#include <QLineF>
#include <QPainter>
#include <algorithm>
#include <array>
#include <optional>

namespace dskd::viz
{

namespace
{

constexpr double kGap = 6.0;
constexpr double kSwatch = 18.0;
constexpr double kWidestLabel = 0.48; // of the width

QPolygonF onPaper(const std::vector<QPointF>& points, const PlotFrame& frame)
{
    QPolygonF result;
    result.reserve(static_cast<qsizetype>(points.size()));
    for (const QPointF& point : points) {
        result.append(QPointF(frame.toX(point.x()), frame.toY(point.y())));
    }
    return result;
}

// The part of the line from a to b inside the plot (Liang and Barsky); none outside. Vector files know no clipping in
// every Qt, so lines are cut instead.
std::optional<QLineF> inside(const QPointF& a, const QPointF& b, const QRectF& plot)
{
    double from = 0.0;
    double to = 1.0;
    const QPointF d = b - a;
    const std::array<std::pair<double, double>, 4> edges{{{-d.x(), a.x() - plot.left()},
                                                          {d.x(), plot.right() - a.x()},
                                                          {-d.y(), a.y() - plot.top()},
                                                          {d.y(), plot.bottom() - a.y()}}};
    for (const auto& [p, q] : edges) {
        if (p == 0.0 && q < 0.0) {
            return std::nullopt;
        }
        if (p < 0.0) {
            from = std::max(from, q / p);
        } else if (p > 0.0) {
            to = std::min(to, q / p);
        }
    }
    return from <= to ? std::optional(QLineF(a + from * d, a + to * d)) : std::nullopt;
}

void paintCut(QPainter& painter, const QPolygonF& line, const QRectF& plot)
{
    QPolygonF piece;
    const auto paint = [&] {
        if (piece.size() > 1) {
            painter.drawPolyline(piece);
        }
        piece.clear();
    };
    for (qsizetype i = 1; i < line.size(); ++i) {
        const std::optional<QLineF> part = inside(line[i - 1], line[i], plot);
        if (!part) {
            paint();
            continue;
        }
        if (piece.isEmpty() || piece.back() != part->p1()) {
            paint();
            piece.append(part->p1());
        }
        piece.append(part->p2());
    }
    paint();
}

void paintLine(QPainter& painter, const PlotFrame& frame, const ChartPicture::Line& line)
{
    if (!line.visible.areaLow.empty()) {
        QPolygonF area = onPaper(line.visible.areaHigh, frame);
        const QPolygonF low = onPaper(line.visible.areaLow, frame);
        for (auto point = low.rbegin(); point != low.rend(); ++point) {
            area.append(*point);
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(line.area);
        for (QPointF& point : area) {
            point.setY(std::clamp(point.y(), frame.plot.top(), frame.plot.bottom()));
        }
        painter.drawPolygon(area);
    }
    painter.setBrush(Qt::NoBrush);
    if (!line.visible.ghost.empty()) {
        painter.setPen(ghostPen(line.color));
        paintCut(painter, onPaper(line.visible.ghost, frame), frame.plot);
    }
    painter.setPen(line.pen);
    const QPolygonF points = onPaper(line.visible.line, frame);
    if (points.size() == 1) { // a line of one point shows nothing
        painter.setBrush(line.color);
        painter.drawEllipse(points.front(), 2.5, 2.5);
    } else {
        paintCut(painter, points, frame.plot);
    }
}

// Where every label stands, relative to the legend's corner, and how high all of them are.
struct Legend {
    std::vector<QRectF> boxes;
    double height = 0.0;
};

Legend layOutLegend(const std::vector<ChartPicture::Line>& lines, double width, const QFontMetricsF& metrics)
{
    Legend legend;
    double x = 0.0;
    double y = 0.0;
    for (const ChartPicture::Line& line : lines) {
        const double own = kSwatch + kGap + std::min(metrics.horizontalAdvance(line.label) + 1.0, width * kWidestLabel);
        if (x > 0.0 && x + own > width) {
            x = 0.0;
            y += metrics.height();
        }
        legend.boxes.emplace_back(x, y, own, metrics.height());
        x += own + 2.0 * kGap;
    }
    legend.height = lines.empty() ? 0.0 : y + metrics.height();
    return legend;
}

} // namespace

void paintChart(QPainter& painter, const QRectF& target, const ChartPicture& picture, const ChartInk& ink,
                const QFont& font)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(target, ink.paper);
    QRectF rest = target.adjusted(kGap, kGap, -kGap, -kGap);
    const QFontMetricsF metrics(font);
    const auto writeTop = [&](const QString& text, const QFont& with, const QColor& color) {
        if (text.isEmpty()) {
            return;
        }
        const QFontMetricsF own(with);
        painter.setFont(with);
        painter.setPen(color);
        painter.drawText(QRectF(rest.left(), rest.top(), rest.width(), own.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         own.elidedText(text, Qt::ElideRight, rest.width()));
        rest.setTop(rest.top() + own.height() + kGap / 2.0);
    };
    QFont bold = font;
    bold.setWeight(QFont::DemiBold);
    writeTop(picture.title, bold, ink.text);
    writeTop(picture.notes.join(QStringLiteral(" \u00b7 ")), font, ink.muted);

    const Legend legend = layOutLegend(picture.lines, rest.width(), metrics);
    const double legendTop = rest.bottom() - legend.height;
    painter.setFont(font);
    for (std::size_t i = 0; i < legend.boxes.size(); ++i) {
        const QRectF box = legend.boxes[i].translated(rest.left(), legendTop);
        painter.setPen(picture.lines[i].pen);
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.left() + kSwatch, box.center().y()));
        painter.setPen(ink.text);
        const double room = box.width() - kSwatch - kGap;
        painter.drawText(box.adjusted(kSwatch + kGap, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(picture.lines[i].label, Qt::ElideMiddle, room));
    }
    rest.setBottom(legendTop - (legend.height > 0.0 ? kGap : 0.0));

    if (!picture.yTitle.isEmpty()) { // turned, beside the numbers
        painter.save();
        painter.translate(rest.left(), rest.bottom());
        painter.rotate(-90.0);
        painter.setPen(ink.muted);
        painter.drawText(QRectF(0, 0, rest.height(), metrics.height()), Qt::AlignCenter,
                         metrics.elidedText(picture.yTitle, Qt::ElideRight, rest.height()));
        painter.restore();
        rest.setLeft(rest.left() + metrics.height());
    }
    const PlotFrame frame = layOutPlot(picture.range, rest, font);
    paintAxes(painter, frame, picture.xTitle, font, ink.text);
    for (const ChartPicture::Line& line : picture.lines) {
        paintLine(painter, frame, line);
    }
    paintMarks(painter, frame, picture.marks, font, ink.text);
    paintLeftOut(painter, frame, picture.atBottom, picture.atTop, ink.text);
    painter.restore();
}

} // namespace dskd::viz
