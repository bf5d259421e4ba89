#pragma once

#include <QPointF>
#include <QString>
#include <span>
#include <vector>

namespace dskd::viz
{

// How a curve is smoothed. `strength` in [0, 1) means the same for every kind: 1 / (1 - strength) is the width in
// typical steps, the mean distance of the first points in x.
//   Ema          exponential moving average, of the past alone:  m_i = w_i m_(i-1) + (1 - w_i) y_i,  n_i the same
//                with 1 for y,  smoothed_i = m_i / n_i,  w_i = strength^(dx_i / step): no pull to zero at first
//   Gaussian     mean of both sides, weighted by exp(-d^2 / (2 width^2)), d up to 3 widths
//                Points within an eighth of a width are weighted together, at their mean place: that moves a curve by
//                less than 0.2 % of its height there, and nothing up to a width of 8 evenly spaced points.
//   RunningMean  plain mean of the points up to one width to either side
// Weights go by the distance in x, so unevenly logged points count for the time that they stand for. The time is linear
// in the points, whatever the strength and their spacing.
enum class SmoothingKind { Off, Ema, Gaussian, RunningMean };

struct Smoothing {
    SmoothingKind kind = SmoothingKind::Off;
    double strength = 0.0;
    [[nodiscard]] bool on() const { return kind != SmoothingKind::Off && strength > 0.0; }
    [[nodiscard]] double width() const { return 1.0 / (1.0 - strength); }
    friend bool operator==(const Smoothing&, const Smoothing&) = default;
};

// What was done, for beside the chart: "EMA 0.6", "Gaussian, width 10 points", "running mean, 10 points to either
// side". Empty when off.
[[nodiscard]] QString textOf(const Smoothing& smoothing);

// A point that is not finite is passed on and counts in no mean. Grows with its curve without starting anew.
class Smoother
{
public:
    // Off copies. Another smoothing, or points that are no continuation, start anew.
    const std::vector<QPointF>& follow(std::span<const QPointF> points, const Smoothing& smoothing);
    [[nodiscard]] const std::vector<QPointF>& smoothed() const { return m_smoothed; }

private:
    void reset();
    void followAverage(std::span<const QPointF> points);
    void followRunningMean(std::span<const QPointF> points);
    void followGaussian(std::span<const QPointF> points);
    void forgetUnsettled(double reach);

    // Finite points next to each other that a Gaussian takes for one, at their mean place.
    struct Cell {
        double first = 0.0;   // x of the first
        double offsets = 0.0; // sum of x - first
        double values = 0.0;  // sum of y
        double count = 0.0;
        [[nodiscard]] double x() const { return first + offsets / count; }
    };
    std::vector<QPointF> m_smoothed;
    std::vector<Cell> m_cells; // of all points so far; of a Gaussian alone
    QPointF m_last;            // the newest raw point taken in
    Smoothing m_smoothing;
    double m_step = 0.0; // typical distance in x
    double m_mean = 0.0;
    double m_norm = 0.0;
    double m_lastX = 0.0; // of the newest finite point
};

} // namespace dskd::viz
