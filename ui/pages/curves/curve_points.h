#pragma once

// From recorded series to points of a chart, without converting again what was converted before: a run of a million
// points that grows by ten costs ten.

#include "ui/feed/series_feed.h"
#include "ui/pages/curves/curves_state.h"
#include "ui/pages/curves/run_time.h"
#include "viz/grown.h"

#include <QPointF>
#include <memory>
#include <optional>
#include <vector>

namespace dskd::ui
{

// One series and what its x is counted from.
struct SeriesView {
    const Series* series = nullptr;
    double began = 0.0;             // of the axes of time
    std::int64_t stepsPerEpoch = 0; // of the axis of epochs; 0: the run has no place on it
    Pauses pauses = {};             // of the axis of active time
    bool growing = false;           // its run is alive, so later steps may still come
};

[[nodiscard]] double xOf(const SeriesView& view, std::size_t index, XAxis axis);
// Where a step lies: at the newest point up to there, or, where every point has its step, at the step itself. None of a
// run that has recorded nothing up to there.
[[nodiscard]] std::optional<double> xOfStep(const SeriesView& view, std::int64_t step, XAxis axis);
// The steps whose points lie between two x, and one on either side; none of a run without points.
[[nodiscard]] std::optional<StepSpan> stepsBetween(const SeriesView& view, double from, double to, XAxis axis);

// Remembers how far a series was read, and notices when it is no longer the one that was read (a resume drops rows).
class ReadMark
{
public:
    // Rows read so far that still stand: all of them, or none.
    [[nodiscard]] std::size_t standing(const Series& series) const;
    void set(const Series& series, std::size_t count);
    [[nodiscard]] std::size_t count() const { return m_count; }

private:
    std::size_t m_count = 0;
    std::int64_t m_lastStep = 0;
    double m_lastTime = 0.0;
    std::uint64_t m_revision = 0;
};

// The points of one series over one axis: all, or those of a thinned one. Values that are not finite stay.
class CurvePoints
{
public:
    explicit CurvePoints(XAxis axis) : m_axis(axis) {}
    // True when anything changed.
    bool update(const SeriesView& view);
    [[nodiscard]] viz::Grown<QPointF> points() const { return {m_points}; }

private:
    XAxis m_axis;
    double m_origin = 0.0;
    ReadMark m_mark;
    std::shared_ptr<std::vector<QPointF>> m_points = std::make_shared<std::vector<QPointF>>(); // anew when it shrinks
};

// Mean and sample standard deviation (n - 1) at every step over the series that have it, n of them: a seed that ended
// early, or is not that far yet, leaves the mean to the others. Tokens and time are the means at that step, and never
// less than at the step before. What seeds that still run may add to is computed again until they have come by.
class SeedMean
{
public:
    explicit SeedMean(XAxis axis) : m_axis(axis) {}
    bool update(const std::vector<SeriesView>& seeds);
    [[nodiscard]] viz::Grown<QPointF> points() const { return {m_points}; }
    [[nodiscard]] viz::Grown<double> deviations() const { return {m_deviations}; } // 0 where n is 1
    [[nodiscard]] viz::Grown<int> counts() const { return {m_counts}; }            // n

private:
    struct Seed {
        ReadMark settled; // of the points that no seed can change any more
        ReadMark read;    // of all
        double origin = 0.0;
        bool growing = false;
    };
    void append(const std::vector<SeriesView>& seeds);
    void keepSettled();

    XAxis m_axis;
    std::vector<Seed> m_seeds;
    std::size_t m_settled = 0; // points
    std::shared_ptr<std::vector<QPointF>> m_points = std::make_shared<std::vector<QPointF>>();
    std::shared_ptr<std::vector<double>> m_deviations = std::make_shared<std::vector<double>>();
    std::shared_ptr<std::vector<int>> m_counts = std::make_shared<std::vector<int>>();
};

} // namespace dskd::ui
