#include "viz/plot_area.h"

#include "viz/axis_texts.h"

#include <QEvent>
#include <QPainter>
#include <QPainterPath>
#include <QResizeEvent>
#include <QtCharts/QValueAxis>
#include <algorithm>
#include <cmath>
#include <vector>

namespace dskd::viz
{

namespace
{

constexpr int kPixelsPerXTick = 80;
constexpr int kPixelsPerYTick = 26;
constexpr int kGap = 6;
constexpr double kMarkSize = 7.0;

QColor faded(const QPalette& palette, float share)
{
    QColor color = palette.color(QPalette::WindowText);
    color.setAlphaF(share);
    return color;
}

} // namespace

PlotArea::PlotArea(QWidget* parent) : QChartView(new QChart, parent)
{
    chart()->setBackgroundVisible(false);
    chart()->legend()->hide();
    chart()->setMargins({});
    chart()->setAnimationOptions(QChart::NoAnimation);
    for (const Qt::Alignment side : {Qt::AlignBottom, Qt::AlignLeft}) {
        auto* axis = new QValueAxis(chart());
        axis->setVisible(false);
        chart()->addAxis(axis, side);
    }
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setBackgroundBrush(Qt::NoBrush);
    viewport()->setAutoFillBackground(false);
    setFocusPolicy(Qt::NoFocus);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void PlotArea::setRange(const PlotRange& range)
{
    m_range = range;
    layOut();
}

void PlotArea::setXTitle(const QString& title)
{
    m_xTitle = title;
    viewport()->update();
}

void PlotArea::setMarks(std::vector<double> atBottom, std::vector<double> atTop)
{
    m_bottomMarks = std::move(atBottom);
    m_topMarks = std::move(atTop);
    viewport()->update();
}

double PlotArea::mapY(double y, bool logY)
{
    return logY ? std::log10(y) : y;
}

QRectF PlotArea::plot() const
{
    return chart()->plotArea();
}

double PlotArea::toPixelX(double x) const
{
    const QRectF area = plot();
    return area.left() + (x - m_range.xMin) / (m_range.xMax - m_range.xMin) * area.width();
}

double PlotArea::toPixelY(double y) const
{
    const QRectF area = plot();
    const double low = mapY(m_range.yMin, m_range.logY);
    const double high = mapY(m_range.yMax, m_range.logY);
    return area.bottom() - (mapY(y, m_range.logY) - low) / (high - low) * area.height();
}

double PlotArea::toDataX(double pixel) const
{
    const QRectF area = plot();
    return m_range.xMin + (pixel - area.left()) / std::max(1.0, area.width()) * (m_range.xMax - m_range.xMin);
}

void PlotArea::adopt(QAbstractSeries* series)
{
    for (QAbstractAxis* axis : chart()->axes()) {
        series->attachAxis(axis);
    }
}

void PlotArea::layOut()
{
    const QFontMetricsF metrics(font());
    const double below = metrics.height() + kGap;
    const double height = std::max(1.0, this->height() - below - kGap);
    const int yCount = std::max(2, static_cast<int>(height / kPixelsPerYTick));
    m_yTicks =
        m_range.logY ? logTicks(m_range.yMin, m_range.yMax, yCount) : linearTicks(m_range.yMin, m_range.yMax, yCount);
    double widest = metrics.horizontalAdvance(QStringLiteral("0.00"));
    for (const Tick& tick : m_yTicks) {
        widest = std::max(widest, metrics.horizontalAdvance(tick.text));
    }
    const QRectF area(std::ceil(widest) + kGap, kGap, std::max(1.0, width() - std::ceil(widest) - 2.0 * kGap), height);
    const int xCount = std::max(2, static_cast<int>(area.width() / kPixelsPerXTick));
    m_xTicks = m_range.xKind == XKind::Seconds ? secondTicks(m_range.xMin, m_range.xMax, xCount)
                                               : wholeTicks(m_range.xMin, m_range.xMax, xCount);
    if (chart()->plotArea() != area) {
        chart()->setPlotArea(area);
    }
    const auto axes = chart()->axes();
    axes[0]->setRange(m_range.xMin, m_range.xMax);
    axes[1]->setRange(mapY(m_range.yMin, m_range.logY), mapY(m_range.yMax, m_range.logY));
    viewport()->update();
}

void PlotArea::drawBackground(QPainter* painter, const QRectF& rect)
{
    QChartView::drawBackground(painter, rect);
    const QRectF area = plot();
    const QFontMetricsF metrics(font());
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->setFont(font());
    const QPen line(faded(palette(), 0.12F));
    const QPen text(faded(palette(), 0.7F));
    for (const Tick& tick : m_yTicks) {
        const double y = std::round(toPixelY(tick.value));
        painter->setPen(line);
        painter->drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter->setPen(text);
        painter->drawText(QRectF(0, y - metrics.height() / 2, area.left() - kGap, metrics.height()),
                          Qt::AlignRight | Qt::AlignVCenter, tick.text);
    }
    std::vector<AxisText> numbers;
    for (const Tick& tick : m_xTicks) {
        const double x = std::round(toPixelX(tick.value));
        painter->setPen(line);
        painter->drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3));
        numbers.push_back({x, metrics.horizontalAdvance(tick.text), tick.text});
    }
    const double titleWidth = m_xTitle.isEmpty() ? 0.0 : metrics.horizontalAdvance(m_xTitle) + 2.0 * kGap;
    const AxisTexts texts = placeTexts(numbers, area.left(), area.right(), titleWidth, kGap);
    painter->setPen(text);
    for (const AxisText& number : texts.numbers) {
        painter->drawText(QPointF(number.x, area.bottom() + kGap / 2.0 + metrics.ascent()), number.text);
    }
    if (texts.titleRight) {
        painter->drawText(
            QRectF(area.left(), area.bottom() + kGap / 2.0, *texts.titleRight - area.left(), metrics.height()),
            Qt::AlignRight | Qt::AlignTop, m_xTitle);
    }
    painter->restore();
}

void PlotArea::drawForeground(QPainter* painter, const QRectF& rect)
{
    QChartView::drawForeground(painter, rect);
    const QRectF area = plot();
    painter->save();
    painter->setPen(Qt::NoPen);
    painter->setBrush(palette().color(QPalette::WindowText));
    const auto triangle = [&](double x, double tip, double base) {
        const double at = toPixelX(x);
        QPainterPath path(QPointF(at, tip));
        path.lineTo(at - kMarkSize / 2, base);
        path.lineTo(at + kMarkSize / 2, base);
        path.closeSubpath();
        painter->drawPath(path);
    };
    for (const double x : m_bottomMarks) {
        triangle(x, area.bottom(), area.bottom() - kMarkSize);
    }
    for (const double x : m_topMarks) {
        triangle(x, area.top(), area.top() + kMarkSize);
    }
    painter->restore();
}

void PlotArea::resizeEvent(QResizeEvent* event)
{
    QChartView::resizeEvent(event);
    layOut();
}

void PlotArea::changeEvent(QEvent* event)
{
    QChartView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        layOut();
    }
}

} // namespace dskd::viz
