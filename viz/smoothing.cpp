#include "viz/smoothing.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <cstddef>

namespace dskd::viz
{

namespace
{

constexpr double kReach = 3.0;           // of a Gaussian, in widths
constexpr double kCellsPerWidth = 8.0;   // of a Gaussian: at most 50 cells to a window, however many its points
constexpr double kInclusive = 1 + 1e-12; // a point at just the distance of the window's end counts

bool pointBefore(const QPointF& point, double x)
{
    return point.x() < x;
}

// Of the finite values of a few points.
struct Sum {
    double values = 0.0;
    double count = 0.0;
    void add(double value)
    {
        if (std::isfinite(value)) {
            values += value;
            count += 1.0;
        }
    }
};

bool samePoint(const QPointF& a, const QPointF& b)
{
    return a.x() == b.x() && (a.y() == b.y() || (std::isnan(a.y()) && std::isnan(b.y())));
}

double typicalStep(std::span<const QPointF> points)
{
    constexpr std::size_t kSample = 32;
    const std::size_t count = std::min(points.size(), kSample);
    return count < 2 ? 1.0 : std::max(1e-300, (points[count - 1].x() - points[0].x()) / static_cast<double>(count - 1));
}

} // namespace

QString textOf(const Smoothing& smoothing)
{
    if (!smoothing.on()) {
        return {};
    }
    const QString width = QString::number(smoothing.width(), 'g', 3);
    switch (smoothing.kind) {
    case SmoothingKind::Off: break;
    case SmoothingKind::Ema:
        return QCoreApplication::translate("Smoothing", "EMA %1").arg(smoothing.strength, 0, 'g', 2);
    case SmoothingKind::Gaussian:
        return QCoreApplication::translate("Smoothing", "Gaussian, width %1 points").arg(width);
    case SmoothingKind::RunningMean:
        return QCoreApplication::translate("Smoothing", "running mean, %1 points to either side").arg(width);
    }
    return {};
}

void Smoother::reset()
{
    m_smoothed.clear();
    m_cells.clear();
    m_mean = 0.0;
    m_norm = 0.0;
    m_step = 0.0;
}

const std::vector<QPointF>& Smoother::follow(std::span<const QPointF> points, const Smoothing& smoothing)
{
    const std::size_t known = m_smoothed.size();
    const bool goesOn = smoothing == m_smoothing && known <= points.size() &&
                        (known == 0 || (samePoint(points[known - 1], m_last) && points[0].x() == m_smoothed[0].x()));
    // the typical step is taken from the first points, so it is settled only once there are two
    if (!goesOn || known < 2) {
        reset();
        m_smoothing = smoothing;
        m_step = typicalStep(points);
    }
    m_smoothed.reserve(points.size());
    if (smoothing.kind == SmoothingKind::Gaussian) {
        followGaussian(points);
    } else if (smoothing.kind == SmoothingKind::RunningMean) {
        followRunningMean(points);
    } else {
        followAverage(points);
    }
    if (!points.empty()) {
        m_last = points.back();
    }
    return m_smoothed;
}

void Smoother::followAverage(std::span<const QPointF> points)
{
    const double strength = m_smoothing.on() ? m_smoothing.strength : 0.0;
    for (std::size_t i = m_smoothed.size(); i < points.size(); ++i) {
        const QPointF& point = points[i];
        if (!std::isfinite(point.y())) {
            m_smoothed.push_back(point);
            continue;
        }
        const double distance = m_norm == 0.0 ? 1.0 : std::max(0.0, (point.x() - m_lastX) / m_step);
        const double keep = strength <= 0.0 ? 0.0 : std::pow(strength, distance);
        m_mean = keep * m_mean + (1.0 - keep) * point.y();
        m_norm = keep * m_norm + (1.0 - keep);
        m_lastX = point.x();
        m_smoothed.emplace_back(point.x(), m_norm > 0.0 ? m_mean / m_norm : point.y());
    }
}

// What was computed before its right side was there is computed again: everything up to `reach` before the newest
// point.
void Smoother::forgetUnsettled(double reach)
{
    if (!m_smoothed.empty()) {
        m_smoothed.erase(std::lower_bound(m_smoothed.begin(), m_smoothed.end(), m_last.x() - reach, pointBefore),
                         m_smoothed.end());
    }
}

void Smoother::followRunningMean(std::span<const QPointF> points)
{
    const double reach = m_smoothing.width() * m_step * kInclusive;
    forgetUnsettled(reach);
    if (m_smoothed.size() == points.size()) {
        return;
    }
    const double from = points[m_smoothed.size()].x() - reach;
    auto begin =
        static_cast<std::size_t>(std::lower_bound(points.begin(), points.end(), from, pointBefore) - points.begin());
    std::size_t end = begin; // of the window
    // The window's sum in two parts, so that nothing is ever subtracted: a value of 1e300 that has left it leaves no
    // trace. `behind` holds the sums of [place, middle) for every place from `first` on, `ahead` that of [middle, end).
    std::size_t first = begin;
    std::size_t middle = begin;
    std::vector<Sum> behind;
    Sum ahead;
    for (std::size_t i = m_smoothed.size(); i < points.size(); ++i) {
        const double x = points[i].x();
        while (end < points.size() && points[end].x() <= x + reach) {
            ahead.add(points[end].y());
            ++end;
        }
        while (points[begin].x() < x - reach) {
            ++begin;
        }
        if (begin >= middle) { // each point comes by here once, so this is linear
            first = begin;
            middle = end;
            ahead = {};
            behind.assign(middle - first, {});
            Sum sum;
            for (std::size_t place = middle; place > first; --place) {
                sum.add(points[place - 1].y());
                behind[place - 1 - first] = sum;
            }
        }
        if (!std::isfinite(points[i].y())) {
            m_smoothed.push_back(points[i]);
            continue;
        }
        const Sum& left = behind[begin - first];
        m_smoothed.emplace_back(x, (left.values + ahead.values) / (left.count + ahead.count));
    }
}

void Smoother::followGaussian(std::span<const QPointF> points)
{
    const double width = m_smoothing.width() * m_step;
    const double cellWidth = width / kCellsPerWidth;
    const double reach = kReach * width * kInclusive;
    // Every point so far has been smoothed once, so just the others are new to the cells.
    for (const QPointF& point : points.subspan(m_smoothed.size())) {
        if (!std::isfinite(point.y())) {
            continue;
        }
        if (m_cells.empty() || point.x() - m_cells.back().first >= cellWidth) {
            m_cells.push_back({point.x()});
        }
        Cell& cell = m_cells.back();
        cell.offsets += point.x() - cell.first;
        cell.values += point.y();
        cell.count += 1.0;
    }
    forgetUnsettled(reach + cellWidth); // the newest cell has become another
    if (m_smoothed.size() == points.size()) {
        return;
    }
    const auto begins = std::lower_bound(m_cells.begin(), m_cells.end(), points[m_smoothed.size()].x() - reach,
                                         [](const Cell& cell, double x) { return cell.x() < x; });
    auto begin = static_cast<std::size_t>(begins - m_cells.begin());
    for (std::size_t i = m_smoothed.size(); i < points.size(); ++i) {
        const double x = points[i].x();
        if (!std::isfinite(points[i].y())) {
            m_smoothed.push_back(points[i]);
            continue;
        }
        while (m_cells[begin].x() < x - reach) { // ends at the cell of this point
            ++begin;
        }
        double weighted = 0.0;
        double norm = 0.0;
        for (std::size_t j = begin; j < m_cells.size() && m_cells[j].x() <= x + reach; ++j) {
            const double distance = (m_cells[j].x() - x) / width;
            const double weight = std::exp(-0.5 * distance * distance);
            weighted += weight * m_cells[j].values;
            norm += weight * m_cells[j].count;
        }
        m_smoothed.emplace_back(x, weighted / norm);
    }
}

} // namespace dskd::viz
