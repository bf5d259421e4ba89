#pragma once

#include <QPointF>
#include <span>
#include <vector>

namespace dskd::viz
{

// Exponential moving average, weighted by distance in x and without the pull towards zero at the beginning:
//   m_i = w_i m_(i-1) + (1 - w_i) y_i,  n_i the same with 1 for y,  smoothed_i = m_i / n_i,  w_i = weight^(dx_i / step)
// where step is the mean distance of the first points, so unevenly logged points count by the time they stand for.
// A point that is not finite is passed on and leaves the average as it was. Grows with its curve without starting anew.
class Smoother
{
public:
    // weight in [0, 1): 0 copies. Another weight, or points that are no continuation, start anew.
    const std::vector<QPointF>& follow(std::span<const QPointF> points, double weight);
    [[nodiscard]] const std::vector<QPointF>& smoothed() const { return m_smoothed; }

private:
    void reset();

    std::vector<QPointF> m_smoothed;
    QPointF m_last; // the newest raw point taken in
    double m_weight = 0.0;
    double m_step = 0.0; // typical distance in x
    double m_mean = 0.0;
    double m_norm = 0.0;
    double m_lastX = 0.0; // of the newest finite point
};

} // namespace dskd::viz
