#include "viz/drawn_curve.h"

#include "viz/decimate.h"

#include <QPen>
#include <algorithm>
#include <cmath>

namespace dskd::viz
{

namespace
{

constexpr float kGhostOpacity = 0.28F;
constexpr float kBandOpacity = 0.18F;

QList<QPointF> mapped(const std::vector<QPointF>& points, bool logY)
{
    QList<QPointF> result;
    result.reserve(static_cast<qsizetype>(points.size()));
    for (const QPointF& point : points) {
        result.append(QPointF(point.x(), PlotArea::mapY(point.y(), logY)));
    }
    return result;
}

QColor withOpacity(QColor color, float opacity)
{
    color.setAlphaF(opacity);
    return color;
}

} // namespace

DrawnCurve::DrawnCurve(PlotArea& area) : m_area(area)
{
    // In the order of painting: band, ghost, line.
    m_lowSeries = new QLineSeries(area.chart());
    m_highSeries = new QLineSeries(area.chart());
    m_bandSeries = new QAreaSeries(m_highSeries, m_lowSeries);
    m_ghostSeries = new QLineSeries;
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
    return {m_bandSeries, m_ghostSeries, m_lineSeries};
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

void DrawnCurve::setSmoothing(double smoothing)
{
    m_smoothed = smoothing > 0.0 && m_curve.points.size() > 1;
    if (m_smoothed) {
        m_smoother.follow(m_curve.points, smoothing);
    }
}

void DrawnCurve::take(Curve curve, double smoothing)
{
    m_curve = std::move(curve);
    setSmoothing(smoothing);
    QPen pen(m_curve.color, m_curve.strong ? 2.2 : 1.5, m_curve.dashed ? Qt::DashLine : Qt::SolidLine);
    pen.setCosmetic(true);
    pen.setJoinStyle(Qt::BevelJoin); // round joins of a noisy line take most of the painting time
    m_lineSeries->setPen(pen);
    m_ghostSeries->setPen(QPen(withOpacity(m_curve.color, kGhostOpacity), 1.0));
    m_bandSeries->setPen(Qt::NoPen);
    m_bandSeries->setBrush(withOpacity(m_curve.color, kBandOpacity));
}

// The band through at most one point per pixel column of the visible part. On a log axis its lower edge stops at a
// thousandth of the line, because it cannot reach 0.
void DrawnCurve::selectBand(double xMin, double xMax, int columns, bool logY)
{
    m_bandLow.clear();
    m_bandHigh.clear();
    const std::span<const QPointF> line = this->line();
    if (m_curve.deviations.size() != line.size()) {
        return;
    }
    const double width = xMax > xMin ? (xMax - xMin) / std::max(1, columns) : 1.0;
    double next = xMin;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const QPointF& point = line[i];
        if (point.x() < next || point.x() > xMax || !std::isfinite(point.y()) || (logY && point.y() <= 0.0)) {
            continue;
        }
        next = point.x() + width;
        const double low = point.y() - m_curve.deviations[i];
        m_bandLow.emplace_back(point.x(), logY ? std::max(low, point.y() * 1e-3) : low);
        m_bandHigh.emplace_back(point.x(), point.y() + m_curve.deviations[i]);
    }
}

DrawnCurve::Extent DrawnCurve::select(double xMin, double xMax, int columns, bool logY)
{
    Decimated line = decimate(this->line(), xMin, xMax, columns, logY);
    Extent extent;
    extent.visible = line.visible;
    extent.drawn = std::min(line.visible, line.points.size());
    extent.skipped = line.skipped;
    extent.skippedAt = std::move(line.skippedAt);
    m_visible = std::move(line.points);
    m_visibleRaw.clear();
    if (m_smoothed) {
        m_visibleRaw = decimate(m_curve.points, xMin, xMax, columns, logY).points;
    }
    selectBand(xMin, xMax, columns, logY);
    for (const auto* points : {&m_visible, &m_visibleRaw, &m_bandLow, &m_bandHigh}) {
        for (const QPointF& point : *points) {
            if (point.x() < xMin || point.x() > xMax) {
                continue;
            }
            extent.yMin = extent.any ? std::min(extent.yMin, point.y()) : point.y();
            extent.yMax = extent.any ? std::max(extent.yMax, point.y()) : point.y();
            extent.any = true;
        }
    }
    return extent;
}

void DrawnCurve::draw(bool logY)
{
    m_lineSeries->replace(mapped(m_visible, logY));
    m_lineSeries->setPointsVisible(m_visible.size() == 1); // a line of one point shows nothing
    m_ghostSeries->replace(mapped(m_visibleRaw, logY));
    m_lowSeries->replace(mapped(m_bandLow, logY));
    m_highSeries->replace(mapped(m_bandHigh, logY));
    m_bandSeries->setVisible(!m_bandLow.empty());
}

} // namespace dskd::viz
