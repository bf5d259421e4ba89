#include "viz/drawn_curve.h"

#include "viz/decimate.h"

#include <algorithm>
#include <cmath>

namespace dskd::viz
{

namespace
{

constexpr float kRawOpacity = 0.28F;
constexpr float kBandOpacity = 0.18F;
constexpr float kLayerOpacity = 0.55F; // of a stack

QList<QPointF> mapped(const std::vector<QPointF>& points, const PlotRange& range)
{
    QList<QPointF> result;
    result.reserve(static_cast<qsizetype>(points.size()));
    for (const QPointF& point : points) {
        result.append(QPointF(onAxis(point.x(), range.logX), onAxis(point.y(), range.logY)));
    }
    return result;
}

QColor withOpacity(QColor color, float opacity)
{
    color.setAlphaF(opacity);
    return color;
}

} // namespace

QPen linePen(const Curve& curve, const QColor& color)
{
    QPen pen(color, curve.strong ? 2.2 : 1.5, curve.dashed ? Qt::DashLine : Qt::SolidLine);
    pen.setJoinStyle(Qt::BevelJoin); // round joins of a noisy line take most of the painting time
    return pen;
}

QPen rawPen(const QColor& color)
{
    return {withOpacity(color, kRawOpacity), 1.0};
}

QColor areaColor(const Curve& curve, QColor color)
{
    return withOpacity(color, curve.floors.empty() ? kBandOpacity : kLayerOpacity);
}

DrawnCurve::DrawnCurve(PlotArea& area) : m_area(area)
{
    // In the order of painting: band, recorded points, line.
    m_lowSeries = new QLineSeries(area.chart());
    m_highSeries = new QLineSeries(area.chart());
    m_bandSeries = new QAreaSeries(m_highSeries, m_lowSeries);
    m_rawSeries = new QLineSeries;
    m_lineSeries = new QLineSeries;
    for (QAbstractSeries* series : allSeries()) {
        area.chart()->addSeries(series);
        area.adopt(series);
    }
}

DrawnCurve::~DrawnCurve()
{
    for (QAbstractSeries* series : allSeries()) {
        m_area.chart()->removeSeries(series);
        delete series;
    }
    delete m_lowSeries;
    delete m_highSeries;
}

std::array<QAbstractSeries*, 3> DrawnCurve::allSeries() const
{
    return {m_bandSeries, m_rawSeries, m_lineSeries};
}

void DrawnCurve::raise()
{
    for (QAbstractSeries* series : allSeries()) {
        m_area.chart()->removeSeries(series);
        m_area.chart()->addSeries(series);
        m_area.adopt(series);
    }
}

std::span<const QPointF> DrawnCurve::line() const
{
    return m_smoothed ? std::span<const QPointF>(m_smoother.smoothed()) : m_curve.points;
}

void DrawnCurve::setSmoothing(const Smoothing& smoothing)
{
    m_smoothed = smoothing.on() && m_curve.points.size() > 1 && m_curve.floors.empty();
    if (m_smoothed) {
        m_smoother.follow(m_curve.points, smoothing);
    }
}

// A curve that grew is looked at from where it ended before.
void DrawnCurve::countNotFinite(const Curve& before)
{
    const auto same = [](const QPointF& a, const QPointF& b) {
        return a.x() == b.x() && (a.y() == b.y() || (std::isnan(a.y()) && std::isnan(b.y())));
    };
    const auto& points = m_curve.points;
    const std::size_t known = before.points.size();
    const bool grew = known > 0 && before.id == m_curve.id && known <= points.size() &&
                      same(points[0], before.points[0]) && same(points[known - 1], before.points[known - 1]);
    if (!grew) {
        m_notFinite = 0;
        m_firstNotFinite.reset();
    }
    for (std::size_t i = grew ? known : 0; i < points.size(); ++i) {
        if (!std::isfinite(points[i].y())) {
            ++m_notFinite;
            m_firstNotFinite = m_firstNotFinite.value_or(points[i].x());
        }
    }
}

void DrawnCurve::take(Curve curve, const Smoothing& smoothing)
{
    std::swap(m_curve, curve);
    countNotFinite(curve);
    setSmoothing(smoothing);
    QPen pen = linePen(m_curve, m_curve.color);
    pen.setCosmetic(true);
    m_lineSeries->setPen(pen);
    m_rawSeries->setPen(rawPen(m_curve.color));
    m_bandSeries->setPen(Qt::NoPen);
    m_bandSeries->setBrush(areaColor(m_curve, m_curve.color));
}

// The band, or the layer of a stack, through at most one point per pixel column of the visible part. On a log axis its
// lower edge stops at a thousandth of the line, because it cannot reach 0.
void DrawnCurve::addArea(VisibleCurve& visible, const PlotRange& range, int columns) const
{
    const std::span<const QPointF> line = this->line();
    const bool layer = m_curve.floors.size() == line.size() && !line.empty();
    if (!layer && m_curve.deviations.size() != line.size()) {
        return;
    }
    const double first = onAxis(range.xMin, range.logX);
    const double width = (onAxis(range.xMax, range.logX) - first) / std::max(1, columns);
    double next = first;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const QPointF& point = line[i];
        if (point.x() < range.xMin || point.x() > range.xMax || !std::isfinite(point.y()) ||
            (range.logY && point.y() <= 0.0)) {
            continue;
        }
        const double at = onAxis(point.x(), range.logX);
        if (at < next) {
            continue;
        }
        next = at + width;
        // Where the line itself is beyond what the values can be, the band does not turn around.
        const double deviation = layer ? 0.0 : m_curve.deviations[i];
        const double low =
            layer ? m_curve.floors[i] : std::min(point.y(), std::max(point.y() - deviation, m_curve.least));
        const double high = layer ? point.y() : std::max(point.y(), std::min(point.y() + deviation, m_curve.most));
        visible.areaLow.emplace_back(point.x(), range.logY ? std::max(low, point.y() * 1e-3) : low);
        visible.areaHigh.emplace_back(point.x(), high);
    }
}

VisibleCurve DrawnCurve::visible(const PlotRange& range, int columns) const
{
    Decimated line = decimate(this->line(), range.xMin, range.xMax, columns, range.logY, range.logX);
    VisibleCurve result;
    result.visible = line.visible;
    result.drawn = std::min(line.visible, line.points.size());
    result.notPositive = line.notPositive;
    result.skippedAt = std::move(line.skippedAt);
    result.line = std::move(line.points);
    if (m_smoothed) {
        result.raw = decimate(m_curve.points, range.xMin, range.xMax, columns, range.logY, range.logX).points;
    }
    addArea(result, range, columns);
    for (const auto* points : {&result.line, &result.raw, &result.areaLow, &result.areaHigh}) {
        for (const QPointF& point : *points) {
            if (point.x() < range.xMin || point.x() > range.xMax) {
                continue;
            }
            result.yMin = result.any ? std::min(result.yMin, point.y()) : point.y();
            result.yMax = result.any ? std::max(result.yMax, point.y()) : point.y();
            result.any = true;
        }
    }
    return result;
}

void DrawnCurve::draw(const PlotRange& range)
{
    m_lineSeries->replace(mapped(m_visible.line, range));
    m_lineSeries->setPointsVisible(m_visible.line.size() == 1); // a line of one point shows nothing
    m_rawSeries->replace(mapped(m_visible.raw, range));
    m_lowSeries->replace(mapped(m_visible.areaLow, range));
    m_highSeries->replace(mapped(m_visible.areaHigh, range));
    m_bandSeries->setVisible(!m_visible.areaLow.empty());
}

} // namespace dskd::viz
