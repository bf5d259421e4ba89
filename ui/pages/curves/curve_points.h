#pragma once

// From recorded series to points of a chart, without converting again what was converted before: a run of a million
// points that grows by ten costs ten.

#include "ui/feed/series_feed.h"
#include "ui/pages/curves/curves_state.h"
#include "viz/grown.h"

#include <QPointF>
#include <memory>
#include <vector>

namespace dskd::ui
{

// One series and the zero of its time axis.
struct SeriesView {
    const Series* series = nullptr;
    double began = 0.0;
};

[[nodiscard]] double xOf(const SeriesView& view, std::size_t index, XAxis axis);

// Remembers how far a series was read, and notices when it is no longer the one that was read (a resume drops rows).
class ReadMark
{
public:
    // Rows read so far that still stand: all of them, or none.
    [[nodiscard]] std::size_t standing(const Series& series) const;
    void set(const Series& series, std::size_t count);

private:
    std::size_t m_count = 0;
    std::int64_t m_lastStep = 0;
    double m_lastTime = 0.0;
};

// The points of one series over one axis. Values that are not finite stay.
class CurvePoints
{
public:
    explicit CurvePoints(XAxis axis) : m_axis(axis) {}
    // True when anything changed.
    bool update(const SeriesView& view);
    [[nodiscard]] viz::Grown<QPointF> points() const { return {m_points}; }

private:
    XAxis m_axis;
    double m_began = 0.0;
    ReadMark m_mark;
    std::shared_ptr<std::vector<QPointF>> m_points = std::make_shared<std::vector<QPointF>>(); // anew when it shrinks
};

// Mean and sample standard deviation (n - 1) over several series, at the steps that all of them have. Tokens and time
// are the means at that step.
class SeedMean
{
public:
    explicit SeedMean(XAxis axis) : m_axis(axis) {}
    bool update(const std::vector<SeriesView>& seeds);
    [[nodiscard]] viz::Grown<QPointF> points() const { return {m_points}; }
    [[nodiscard]] viz::Grown<double> deviations() const { return {m_deviations}; }

private:
    void append(const std::vector<SeriesView>& seeds);

    XAxis m_axis;
    std::vector<ReadMark> m_marks;
    std::vector<std::size_t> m_next; // where each series goes on
    std::vector<double> m_began;
    std::shared_ptr<std::vector<QPointF>> m_points = std::make_shared<std::vector<QPointF>>();
    std::shared_ptr<std::vector<double>> m_deviations = std::make_shared<std::vector<double>>();
};

} // namespace dskd::ui
