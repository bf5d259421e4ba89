#pragma once

#include "core/jobs/seed_runs.h"
#include "ui/pages/curves/curve_points.h"
#include "viz/curve.h"

#include <QColor>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace dskd::ui
{

// A run as the charts see it.
struct DrawnRun {
    std::string id;
    QString name;
    QColor color;
    bool selected = false;
    std::string seedGroup; // equal for runs that differ in the seed alone
    jobs::SeedRun seed;
    const RunSeries* series = nullptr; // nullptr: not read yet
};

// The name that the seeds of one experiment share: "dskd-s10", "dskd-s20" -> "dskd".
[[nodiscard]] QString sharedName(const std::vector<QString>& names);

// The curves of one chart, kept between updates. GUI thread only.
class CurveSet
{
public:
    explicit CurveSet(ChartSpec chart) : m_chart(std::move(chart)) {}

    // True when the curves are others than at the last call: points, colours, names or the selection. Runs of several
    // seeds that have the metric are one mean with `meanOverSeeds`; of those with one seed that one counts which
    // jobs::oneRunOfEachSeed names.
    bool update(const std::vector<DrawnRun>& runs, XAxis axis, bool meanOverSeeds);
    [[nodiscard]] std::vector<viz::Curve> curves() const;
    [[nodiscard]] const ChartSpec& chart() const { return m_chart; }
    [[nodiscard]] bool empty() const { return m_looks.empty(); }
    // "mean of 3 seeds", "means of 2 to 3 seeds"; empty when nothing is averaged.
    [[nodiscard]] QString meanNote() const;

private:
    // Everything of a curve but its points.
    struct Look {
        std::string key;
        QString label;
        QColor color;
        bool strong = false;
        bool dashed = false;
        int seeds = 1; // more: a mean over them
        bool operator==(const Look&) const = default;
    };
    // A single run's points or a mean over several.
    struct Source {
        CurvePoints points;
        SeedMean mean;
        explicit Source(XAxis axis) : points(axis), mean(axis) {}
    };
    // The curves of one metric of runs that belong together: of each seed one run counts in their mean, and runs of
    // one seed are drawn each.
    bool addCurves(const std::vector<const DrawnRun*>& group, std::size_t metric, std::vector<Look>& looks);
    // The run's own, or the mean of several.
    bool addCurve(const std::vector<const DrawnRun*>& seeds, std::size_t metric, std::vector<Look>& looks);

    ChartSpec m_chart;
    XAxis m_axis = XAxis::Step;
    std::vector<Look> m_looks; // in the order of drawing
    std::map<std::string, Source> m_sources;
};

} // namespace dskd::ui
