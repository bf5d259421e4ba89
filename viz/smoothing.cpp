#include "viz/smoothing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace dskd::viz
{

namespace
{

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

void Smoother::reset()
{
    m_smoothed.clear();
    m_mean = 0.0;
    m_norm = 0.0;
    m_step = 0.0;
}

const std::vector<QPointF>& Smoother::follow(std::span<const QPointF> points, double weight)
{
    const std::size_t known = m_smoothed.size();
    const bool goesOn = weight == m_weight && known <= points.size() &&
                        (known == 0 || (samePoint(points[known - 1], m_last) && points[0].x() == m_smoothed[0].x()));
    // the typical step is taken from the first points, so it is settled only once there are two
    if (!goesOn || known < 2) {
        reset();
        m_weight = weight;
        m_step = typicalStep(points);
    }
    m_smoothed.reserve(points.size());
    for (std::size_t i = m_smoothed.size(); i < points.size(); ++i) {
        const QPointF& point = points[i];
        if (!std::isfinite(point.y())) {
            m_smoothed.push_back(point);
            continue;
        }
        const double distance = m_norm == 0.0 ? 1.0 : std::max(0.0, (point.x() - m_lastX) / m_step);
        const double keep = weight <= 0.0 ? 0.0 : std::pow(weight, distance);
        m_mean = keep * m_mean + (1.0 - keep) * point.y();
        m_norm = keep * m_norm + (1.0 - keep);
        m_lastX = point.x();
        m_smoothed.emplace_back(point.x(), m_norm > 0.0 ? m_mean / m_norm : point.y());
    }
    if (!points.empty()) {
        m_last = points.back();
    }
    return m_smoothed;
}

} // namespace dskd::viz
