#include "viz/smoothing.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <cstddef>

namespace dskd::viz
{

namespace
{

constexpr double kReach = 3.0; // of a Gaussian, in widths

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
    if (smoothing.kind == SmoothingKind::Gaussian || smoothing.kind == SmoothingKind::RunningMean) {
        followWindow(points);
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

void Smoother::followWindow(std::span<const QPointF> points)
{
    const bool gaussian = m_smoothing.kind == SmoothingKind::Gaussian;
    const double width = m_smoothing.width() * m_step;
    const double reach = (gaussian ? kReach : 1.0) * width * (1.0 + 1e-12); // a point at just that distance counts
    const auto byX = [](const QPointF& point, double x) { return point.x() < x; };
    // What was computed before its right side was there is computed again.
    if (!m_smoothed.empty()) {
        const auto settled = std::lower_bound(m_smoothed.begin(), m_smoothed.end(), m_last.x() - reach, byX);
        m_smoothed.erase(settled, m_smoothed.end());
    }
    auto begin = static_cast<std::size_t>(
        m_smoothed.size() < points.size()
            ? std::lower_bound(points.begin(), points.end(), points[m_smoothed.size()].x() - reach, byX) -
                  points.begin()
            : 0);
    std::size_t end = begin; // of the window
    for (std::size_t i = m_smoothed.size(); i < points.size(); ++i) {
        const double x = points[i].x();
        while (end < points.size() && points[end].x() <= x + reach) {
            ++end;
        }
        while (points[begin].x() < x - reach) {
            ++begin;
        }
        if (!std::isfinite(points[i].y())) {
            m_smoothed.push_back(points[i]);
            continue;
        }
        double weighted = 0.0;
        double norm = 0.0;
        for (std::size_t j = begin; j < end; ++j) {
            if (std::isfinite(points[j].y())) {
                const double distance = (points[j].x() - x) / width;
                const double weight = gaussian ? std::exp(-0.5 * distance * distance) : 1.0;
                weighted += weight * points[j].y();
                norm += weight;
            }
        }
        m_smoothed.emplace_back(x, weighted / norm);
    }
}

} // namespace dskd::viz
