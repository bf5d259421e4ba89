#include "viz/plot_frame.h"

#include "viz/axis_texts.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace dskd::viz
{

namespace
{

constexpr int kPixelsPerXTick = 80;
constexpr int kPixelsPerYTick = 26;
constexpr int kGap = 6;
constexpr double kMarkSize = 9.0;         // its outline takes a pixel on each side
constexpr double kWidestText = 130.0;     // of a mark in a narrow plot
constexpr double kWidestTextShare = 0.35; // of the width of a wide one
constexpr float kLineShare = 0.12F;       // of the ink
constexpr float kTextShare = 0.7F;
constexpr float kSpanShare = 0.1F;

QColor faded(QColor color, float share)
{
    color.setAlphaF(share);
    return color;
}

std::vector<Tick> ticksOfX(const PlotRange& range, int count)
{
    if (range.logX) {
        return logTicks(range.xMin, range.xMax, count);
    }
    switch (range.xKind) {
    case XKind::Seconds: return secondTicks(range.xMin, range.xMax, count);
    case XKind::Fraction: return linearTicks(range.xMin, range.xMax, count);
    case XKind::Number: break;
    }
    return wholeTicks(range.xMin, range.xMax, count);
}

std::vector<Tick> ticksOfY(const PlotRange& range, int count)
{
    const double low = range.yMin * range.yFactor;
    const double high = range.yMax * range.yFactor;
    std::vector<Tick> ticks = range.logY ? logTicks(low, high, count) : linearTicks(low, high, count);
    for (Tick& tick : ticks) {
        tick.value /= range.yFactor;
        tick.text += range.ySuffix.isEmpty() ? QString() : QStringLiteral(" ") + range.ySuffix;
    }
    return ticks;
}

} // namespace

double onAxis(double value, bool log)
{
    return log ? std::log10(value) : value;
}

double PlotFrame::toX(double x) const
{
    const double low = onAxis(range.xMin, range.logX);
    const double high = onAxis(range.xMax, range.logX);
    return plot.left() + (onAxis(x, range.logX) - low) / (high - low) * plot.width();
}

double PlotFrame::toY(double y) const
{
    const double low = onAxis(range.yMin, range.logY);
    const double high = onAxis(range.yMax, range.logY);
    return plot.bottom() - (onAxis(y, range.logY) - low) / (high - low) * plot.height();
}

double PlotFrame::dataX(double at) const
{
    const double low = onAxis(range.xMin, range.logX);
    const double high = onAxis(range.xMax, range.logX);
    const double x = low + (at - plot.left()) / std::max(1.0, plot.width()) * (high - low);
    return range.logX ? std::pow(10.0, x) : x;
}

double PlotFrame::dataY(double at) const
{
    const double low = onAxis(range.yMin, range.logY);
    const double high = onAxis(range.yMax, range.logY);
    const double y = low + (plot.bottom() - at) / std::max(1.0, plot.height()) * (high - low);
    return range.logY ? std::pow(10.0, y) : y;
}

PlotFrame layOutPlot(const PlotRange& range, const QRectF& outer, const QFont& font)
{
    PlotFrame frame;
    frame.range = range;
    const QFontMetricsF metrics(font);
    const double below = metrics.height() + kGap;
    const double height = std::max(1.0, outer.height() - below - kGap);
    const int yCount = std::max(2, static_cast<int>(height / kPixelsPerYTick));
    frame.yTicks = ticksOfY(range, yCount);
    double widest = metrics.horizontalAdvance(QStringLiteral("0.00"));
    for (const Tick& tick : frame.yTicks) {
        widest = std::max(widest, metrics.horizontalAdvance(tick.text));
    }
    const double left = std::ceil(widest) + kGap;
    frame.plot = QRectF(outer.left() + left, outer.top() + kGap, std::max(1.0, outer.width() - left - kGap), height);
    frame.xTicks = ticksOfX(range, std::max(2, static_cast<int>(frame.plot.width() / kPixelsPerXTick)));
    return frame;
}

void paintAxes(QPainter& painter, const PlotFrame& frame, const QString& xTitle, const QFont& font, const QColor& ink)
{
    const QRectF& plot = frame.plot;
    const QFontMetricsF metrics(font);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setFont(font);
    const QPen line(faded(ink, kLineShare), 1.0);
    const QPen text(faded(ink, kTextShare));
    for (const Tick& tick : frame.yTicks) {
        const double y = std::round(frame.toY(tick.value));
        painter.setPen(line);
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(text);
        const double width = metrics.horizontalAdvance(tick.text) + 1.0;
        painter.drawText(QRectF(plot.left() - kGap - width, y - metrics.height() / 2, width, metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter, tick.text);
    }
    std::vector<AxisText> numbers;
    for (const Tick& tick : frame.xTicks) {
        const double x = std::round(frame.toX(tick.value));
        painter.setPen(line);
        painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 3));
        numbers.push_back({x, metrics.horizontalAdvance(tick.text), tick.text});
    }
    const double titleWidth = xTitle.isEmpty() ? 0.0 : metrics.horizontalAdvance(xTitle) + 2.0 * kGap;
    const AxisTexts texts = placeTexts(numbers, plot.left(), plot.right(), titleWidth, kGap);
    painter.setPen(text);
    for (const AxisText& number : texts.numbers) {
        painter.drawText(QPointF(number.x, plot.bottom() + kGap / 2.0 + metrics.ascent()), number.text);
    }
    if (texts.titleRight) {
        painter.drawText(
            QRectF(plot.left(), plot.bottom() + kGap / 2.0, *texts.titleRight - plot.left(), metrics.height()),
            Qt::AlignRight | Qt::AlignTop, xTitle);
    }
    painter.restore();
}

void paintMarks(QPainter& painter, const PlotFrame& frame, const std::vector<Mark>& marks, const QFont& font,
                const QColor& ink)
{
    const QRectF& plot = frame.plot;
    const QFontMetricsF metrics(font);
    painter.save();
    painter.setFont(font);
    double free = plot.left(); // where the next text may begin
    for (const Mark& mark : marks) {
        if ((frame.range.logX && mark.from <= 0.0) || mark.to < frame.range.xMin || mark.from > frame.range.xMax) {
            continue;
        }
        const QColor color = mark.color.isValid() ? mark.color : faded(ink, kTextShare);
        const double left = std::clamp(frame.toX(mark.from), plot.left(), plot.right());
        const double right = std::clamp(frame.toX(mark.to), plot.left(), plot.right());
        if (mark.to > mark.from) {
            painter.fillRect(QRectF(left, plot.top(), std::max(1.0, right - left), plot.height()),
                             faded(color, kSpanShare));
        }
        painter.setPen(QPen(color, 1.0, Qt::DotLine));
        painter.drawLine(QPointF(left, plot.top()), QPointF(left, plot.bottom()));
        const double widest = std::max(kWidestText, kWidestTextShare * plot.width());
        const double room = std::min(widest, plot.right() - left - 2.0 * kGap);
        if (left >= free && room > metrics.horizontalAdvance(QStringLiteral("\u2026")) * 4.0) {
            const QString text = metrics.elidedText(mark.text, Qt::ElideRight, room);
            painter.setPen(color);
            painter.drawText(QPointF(left + kGap / 2.0, plot.top() + metrics.ascent()), text);
            free = left + metrics.horizontalAdvance(text) + 2.0 * kGap;
        }
    }
    painter.restore();
}

void LeftOut::add(const QPointF& point, const QColor& color)
{
    (std::isinf(point.y()) && point.y() > 0 ? atTop : atBottom).push_back({point.x(), color});
}

QString LeftOut::symbols() const
{
    return (atBottom.empty() ? QString() : QStringLiteral("\u25bc")) +
           (atTop.empty() ? QString() : QStringLiteral("\u25b2"));
}

void paintLeftOut(QPainter& painter, const PlotFrame& frame, const LeftOut& points, const QColor& ink)
{
    painter.save();
    painter.setPen(QPen(ink, 1.0));
    const auto triangle = [&](const LeftOut::Point& point, double tip, double base) {
        const double at = frame.toX(point.x);
        QPainterPath path(QPointF(at, tip));
        path.lineTo(at - kMarkSize / 2, base);
        path.lineTo(at + kMarkSize / 2, base);
        path.closeSubpath();
        painter.setBrush(point.color);
        painter.drawPath(path);
    };
    for (const LeftOut::Point& point : points.atBottom) {
        triangle(point, frame.plot.bottom(), frame.plot.bottom() - kMarkSize);
    }
    for (const LeftOut::Point& point : points.atTop) {
        triangle(point, frame.plot.top(), frame.plot.top() + kMarkSize);
    }
    painter.restore();
}

} // namespace dskd::viz
