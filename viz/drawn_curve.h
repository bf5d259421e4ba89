#pragma once

#include "viz/curve.h"
#include "viz/plot_area.h"
#include "viz/smoothing.h"

#include <QPen>
#include <QtCharts/QAreaSeries>
#include <QtCharts/QLineSeries>
#include <array>
#include <optional>
#include <span>

namespace dskd::viz
{

// What of a curve can be seen in a range: points for a line of so many pixel columns, in data coordinates.
struct VisibleCurve {
    std::vector<QPointF> line;
    std::vector<QPointF> raw;     // the recorded points behind a smoothed line
    std::vector<QPointF> areaLow; // of the band, or of the layer of a stack
    std::vector<QPointF> areaHigh;

    bool any = false; // something lies in the range
    double yMin = 0.0;
    double yMax = 0.0;
    std::size_t visible = 0;     // drawable points in the range
    std::size_t drawn = 0;       // of them
    std::size_t notPositive = 0; // in the range, left out by a log axis
    std::vector<QPointF> skippedAt;
};

// One curve as series of a chart: the line, the recorded points behind it while smoothed, the band around it or the
// area below it. The series belong to the chart. GUI thread only.
class DrawnCurve
{
public:
    explicit DrawnCurve(PlotArea& area);
    ~DrawnCurve(); // takes its series off the chart

    DrawnCurve(const DrawnCurve&) = delete;
    DrawnCurve& operator=(const DrawnCurve&) = delete;

    void take(Curve curve, const Smoothing& smoothing);
    void setSmoothing(const Smoothing& smoothing); // layers of a stack are never smoothed: they would not add up
    [[nodiscard]] const Curve& curve() const { return m_curve; }
    // What the line follows: the smoothed points, or the recorded ones.
    [[nodiscard]] std::span<const QPointF> line() const;
    [[nodiscard]] bool smoothed() const { return m_smoothed; }
    // Of all its points, those that are NaN or infinite: how many, and the x of the first.
    [[nodiscard]] std::size_t notFinite() const
    {
        const bool some = m_curve.recorded > 0 && m_notFinite > 0; // of points that are not all
        return some ? static_cast<std::size_t>(m_curve.notFinite) : m_notFinite;
    }
    [[nodiscard]] std::optional<double> firstNotFinite() const { return m_firstNotFinite; }
    // Paints it above those that were raised before.
    void raise();

    // Chooses the points for the range; on log axes only what is > 0 can be drawn.
    [[nodiscard]] VisibleCurve visible(const PlotRange& range, int columns) const;
    // The same, kept for draw().
    const VisibleCurve& select(const PlotRange& range, int columns) { return m_visible = visible(range, columns); }
    // Hands the chosen points to the chart, in the coordinates of its axes.
    void draw(const PlotRange& range);

private:
    [[nodiscard]] std::array<QAbstractSeries*, 3> allSeries() const; // in the order of painting
    void countNotFinite(const Curve& before);
    void addArea(VisibleCurve& visible, const PlotRange& range, int columns) const;

    PlotArea& m_area;
    Curve m_curve;
    Smoother m_smoother;
    bool m_smoothed = false;
    std::size_t m_notFinite = 0;
    std::optional<double> m_firstNotFinite;
    VisibleCurve m_visible;
    QLineSeries* m_lineSeries = nullptr;
    QLineSeries* m_rawSeries = nullptr;
    QLineSeries* m_lowSeries = nullptr;
    QLineSeries* m_highSeries = nullptr;
    QAreaSeries* m_bandSeries = nullptr;
};

// As charts draw it, wherever they do.
[[nodiscard]] QPen linePen(const Curve& curve, const QColor& color);
[[nodiscard]] QPen rawPen(const QColor& color);
[[nodiscard]] QColor areaColor(const Curve& curve, QColor color);

} // namespace dskd::viz
