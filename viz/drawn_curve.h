#pragma once

#include "viz/curve.h"
#include "viz/plot_area.h"
#include "viz/smoothing.h"

#include <QtCharts/QAreaSeries>
#include <QtCharts/QLineSeries>
#include <array>
#include <span>

namespace dskd::viz
{

// One curve as series of a chart: the line, the raw ghost behind it while smoothed, the band around it. The series
// belong to the chart. GUI thread only.
class DrawnCurve
{
public:
    explicit DrawnCurve(PlotArea& area);
    ~DrawnCurve(); // takes its series off the chart

    DrawnCurve(const DrawnCurve&) = delete;
    DrawnCurve& operator=(const DrawnCurve&) = delete;

    void take(Curve curve, double smoothing);
    void setSmoothing(double smoothing);
    [[nodiscard]] const Curve& curve() const { return m_curve; }
    // What the line follows: the smoothed points, or the recorded ones.
    [[nodiscard]] std::span<const QPointF> line() const;
    // Paints it above those that were raised before.
    void raise();

    struct Extent {
        bool any = false;
        double yMin = 0.0;
        double yMax = 0.0;
        std::size_t visible = 0; // finite points in the range
        std::size_t drawn = 0;   // of them
        std::size_t skipped = 0; // points that cannot be drawn
        std::vector<QPointF> skippedAt;
    };
    // Chooses the points for the range and returns what they span; on a log axis only what is > 0 can be drawn.
    Extent select(double xMin, double xMax, int columns, bool logY);
    // Hands the chosen points to the chart, mapped for its axis.
    void draw(bool logY);

private:
    [[nodiscard]] std::array<QAbstractSeries*, 3> allSeries() const; // in the order of painting
    void selectBand(double xMin, double xMax, int columns, bool logY);

    PlotArea& m_area;
    Curve m_curve;
    Smoother m_smoother;
    bool m_smoothed = false;
    std::vector<QPointF> m_visible;
    std::vector<QPointF> m_visibleRaw;
    std::vector<QPointF> m_bandLow;
    std::vector<QPointF> m_bandHigh;
    QLineSeries* m_lineSeries = nullptr;
    QLineSeries* m_ghostSeries = nullptr;
    QLineSeries* m_lowSeries = nullptr;
    QLineSeries* m_highSeries = nullptr;
    QAreaSeries* m_bandSeries = nullptr;
};

} // namespace dskd::viz
