#include "viz/scatter_paint.h"

#include "viz/axis_scale.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <limits>

namespace dskd::viz
{
namespace
{

constexpr double kRoom = 0.06; // of the points' extent, around them
constexpr double kPixelsPerTick = 70.0;

QColor faded(QColor ink, float share)
{
    ink.setAlphaF(share);
    return ink;
}

// The drawn point that belongs to a drawn one; nullptr: none.
const ScatterPoint* partnerOf(const std::vector<ScatterPoint>& points, std::size_t index)
{
    const int partner = points[index].partner;
    if (partner < 0 || partner >= static_cast<int>(points.size())) {
        return nullptr;
    }
    const ScatterPoint& other = points[static_cast<std::size_t>(partner)];
    return isDrawn(other) && isDrawn(points[index]) ? &other : nullptr;
}

} // namespace

double ScatterLayout::unit() const
{
    return std::min(plot.width() / part.width(), plot.height() / part.height());
}

QPointF ScatterLayout::toPixel(const QPointF& place) const
{
    const QPointF from = place - part.center();
    return plot.center() + QPointF(from.x(), -from.y()) * unit();
}

QPointF ScatterLayout::toData(const QPointF& pixel) const
{
    const QPointF from = (pixel - plot.center()) / unit();
    return part.center() + QPointF(from.x(), -from.y());
}

bool isDrawn(const ScatterPoint& point)
{
    return std::isfinite(point.place.x()) && std::isfinite(point.place.y());
}

QRectF extentOf(const std::vector<ScatterPoint>& points)
{
    double left = std::numeric_limits<double>::infinity();
    double top = left;
    double right = -left;
    double bottom = -left;
    for (const ScatterPoint& point : points) {
        if (isDrawn(point)) {
            left = std::min(left, point.place.x());
            right = std::max(right, point.place.x());
            top = std::min(top, point.place.y());
            bottom = std::max(bottom, point.place.y());
        }
    }
    if (left > right) {
        return {};
    }
    const double size = std::max(right - left, bottom - top);
    const double room = size > 0.0 ? size * kRoom : 0.5;
    return {left - room, top - room, right - left + 2 * room, bottom - top + 2 * room};
}

void paintScatterMark(QPainter& painter, const ScatterSeries& series, const QPointF& centre, bool onPaper)
{
    const QColor color = onPaper && series.printColor.isValid() ? series.printColor : series.color;
    painter.setPen(QPen(color, 1.3));
    painter.setBrush(series.hollow ? QBrush(Qt::NoBrush) : QBrush(faded(color, 0.75F)));
    painter.drawEllipse(centre, kScatterRadius, kScatterRadius);
}

void paintScatterGrid(QPainter& painter, const ScatterLayout& layout, const QColor& ink)
{
    const QRectF& plot = layout.plot;
    const QPointF low = layout.toData(plot.bottomLeft());
    const QPointF high = layout.toData(plot.topRight());
    const auto count = [](double pixels) { return std::max(2, static_cast<int>(pixels / kPixelsPerTick)); };
    painter.setPen(QPen(faded(ink, 0.10F), 1.0));
    for (const Tick& tick : linearTicks(low.x(), high.x(), count(plot.width()))) {
        const double x = layout.toPixel({tick.value, 0.0}).x();
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    }
    for (const Tick& tick : linearTicks(low.y(), high.y(), count(plot.height()))) {
        const double y = layout.toPixel({0.0, tick.value}).y();
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    }
}

void paintScatterPoints(QPainter& painter, const ScatterPicture& picture, const ScatterLayout& layout, bool connected,
                        std::optional<int> marked, const QColor& ink, bool onPaper)
{
    const std::vector<ScatterPoint>& points = picture.points;
    const auto connect = [&](std::size_t index, const ScatterPoint& other) {
        if (const auto line = inside(layout.toPixel(points[index].place), layout.toPixel(other.place), layout.plot)) {
            painter.drawLine(*line);
        }
    };
    if (connected) {
        painter.setPen(QPen(faded(ink, 0.16F), 1.0));
        for (std::size_t i = 0; i < points.size(); ++i) {
            const ScatterPoint* other = partnerOf(points, i);
            if (other != nullptr && points[i].partner > static_cast<int>(i)) {
                connect(i, *other);
            }
        }
    }
    for (const ScatterPoint& point : points) {
        const QPointF at = isDrawn(point) ? layout.toPixel(point.place) : QPointF();
        if (isDrawn(point) && layout.plot.contains(at)) {
            paintScatterMark(painter, picture.series[static_cast<std::size_t>(point.series)], at, onPaper);
        }
    }
    const auto index = static_cast<std::size_t>(marked.value_or(0));
    if (!marked || !layout.plot.contains(layout.toPixel(points[index].place))) {
        return;
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(ink, 2.0));
    painter.drawEllipse(layout.toPixel(points[index].place), 2 * kScatterRadius, 2 * kScatterRadius);
    if (const ScatterPoint* other = partnerOf(points, index)) {
        connect(index, *other);
    }
}

void paintScatter(QPainter& painter, const QRectF& target, const ScatterPaper& paper, const ChartInk& ink,
                  const QFont& font)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QRectF rest = paintHead(painter, target, paper.title, paper.notes, ink, font);
    QStringList labels;
    for (const ScatterSeries& series : paper.picture.series) {
        labels.append(series.label);
    }
    const auto paintMark = [&](qsizetype label, const QRectF& box) {
        paintScatterMark(painter, paper.picture.series[static_cast<std::size_t>(label)], box.center(), true);
    };
    rest = paintLegend(painter, rest, labels, paintMark, ink, font);
    rest = paintYTitle(painter, rest, paper.picture.yTitle, ink, font);
    const QFontMetricsF metrics(font);
    const QRectF below(rest.left(), rest.bottom() - metrics.height(), rest.width(), metrics.height());
    painter.setFont(font);
    painter.setPen(ink.muted);
    painter.drawText(below, Qt::AlignCenter, metrics.elidedText(paper.picture.xTitle, Qt::ElideRight, below.width()));
    rest.setBottom(below.top() - kScatterRadius);
    if (!paper.part.isEmpty() && rest.width() > 0.0 && rest.height() > 0.0) {
        const ScatterLayout layout{rest, paper.part};
        paintScatterGrid(painter, layout, ink.text);
        paintScatterPoints(painter, paper.picture, layout, paper.connected, std::nullopt, ink.text, true);
    }
    painter.restore();
}

} // namespace dskd::viz
