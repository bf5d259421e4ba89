#include "viz/chart_picture.h"

#include <QLineF>
#include <QPainter>
#include <algorithm>
#include <optional>

namespace dskd::viz
{

namespace
{

QPolygonF onPaper(const std::vector<QPointF>& points, const PlotFrame& frame)
{
    QPolygonF result;
    result.reserve(static_cast<qsizetype>(points.size()));
    for (const QPointF& point : points) {
        result.append(QPointF(frame.toX(point.x()), frame.toY(point.y())));
    }
    return result;
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
    if (!line.visible.raw.empty()) {
        painter.setPen(rawPen(line.color));
        paintCut(painter, onPaper(line.visible.raw, frame), frame.plot);
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

} // namespace

void paintChart(QPainter& painter, const QRectF& target, const ChartPicture& picture, const ChartInk& ink,
                const QFont& font)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QRectF rest = paintHead(painter, target, picture.title, picture.notes, ink, font);
    QStringList labels;
    for (const ChartPicture::Line& line : picture.lines) {
        labels.append(line.label);
    }
    const auto paintMark = [&](qsizetype label, const QRectF& box) {
        painter.setPen(picture.lines[static_cast<std::size_t>(label)].pen);
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()));
    };
    rest = paintLegend(painter, rest, labels, paintMark, ink, font);
    rest = paintYTitle(painter, rest, picture.yTitle, ink, font);
    const PlotFrame frame = layOutPlot(picture.range, rest, font);
    paintAxes(painter, frame, picture.xTitle, font, ink.text);
    for (const ChartPicture::Line& line : picture.lines) {
        paintLine(painter, frame, line);
    }
    paintMarks(painter, frame, picture.marks, font, ink.text);
    paintLeftOut(painter, frame, picture.leftOut, ink.text);
    painter.restore();
}

} // namespace dskd::viz
