#pragma once

#include "core/config/schema/experiment.h"
#include "core/jobs/seed_runs.h"
#include "ui/pages/curves/curve_points.h"
#include "ui/pages/curves/loss_stack.h"
#include "viz/curve.h"

#include <QColor>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dskd::ui
{

// A run as the charts see it.
struct DrawnRun {
    std::string id;
    QString name; // runTitle(): with its seed
    QColor color;
    QColor printColor; // on paper
    QColor meanColor;  // of the mean over its seeds
    QColor meanPrintColor;
    int colorIndex = 0; // runColor() of it is `color`
    bool selected = false;
    bool alive = false;    // may record more
    std::string seedGroup; // equal for runs that differ in the seed alone
    jobs::SeedRun seed;
    const RunSeries* series = nullptr;                    // nullptr: not read yet
    std::shared_ptr<const config::Experiment> experiment; // nullptr: not read yet, or not asked for
};

// A step of a run, or several, to be marked on its curves.
struct RunMark {
    std::string runId;
    std::string metric; // empty: on every chart that has a curve of the run
    std::int64_t fromStep = 0;
    std::int64_t toStep = 0; // == fromStep: a line
    QString text;
    QColor color; // invalid: that of the run
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
    // jobs::oneRunOfEachSeed names. Runs that have no place on the axis (epochs, of a run without a plan) are left out.
    bool update(const std::vector<DrawnRun>& runs, XAxis axis, bool meanOverSeeds);
    [[nodiscard]] std::vector<viz::Curve> curves() const;
    // Where runs with a curve were resumed, where a mean changes the number of its seeds, and `more`. In order of x.
    [[nodiscard]] std::vector<viz::Mark> marks(const std::vector<DrawnRun>& runs,
                                               const std::vector<RunMark>& more) const;
    [[nodiscard]] const ChartSpec& chart() const { return m_chart; }
    [[nodiscard]] bool empty() const { return m_looks.empty() && m_stack.curves().empty(); }
    // What was done to the numbers: "extremes of 2,000,000 points", "mean of 3 seeds", "means of 2 to 3 seeds",
    // "without epochs, left out: 2"; empty when nothing was.
    [[nodiscard]] QString note() const;
    // Of a stack of terms that cannot be drawn although there are points; empty otherwise.
    [[nodiscard]] QString whyNone() const { return m_stack.whyNone(); }

private:
    // Everything of a curve but its points.
    struct Look {
        std::string key;
        QString label;
        QColor color;
        QColor printColor;
        double least = 0.0; // of the values
        double most = 0.0;
        bool strong = false;
        bool dashed = false;
        int seeds = 1;              // more: a mean over them
        int leastSeeds = 1;         // at any of its points
        std::int64_t total = 0;     // of a thinned series: the recorded points; else 0
        std::int64_t notFinite = 0; // of them
        std::vector<std::string> runs;
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
    [[nodiscard]] SeriesView viewOf(const DrawnRun& run, const std::string& metric) const;
    void addSeedMarks(std::vector<viz::Mark>& marks) const;

    ChartSpec m_chart;
    XAxis m_axis = XAxis::Step;
    std::vector<Look> m_looks; // in the order of drawing
    std::map<std::string, Source> m_sources;
    int m_withoutPlace = 0; // runs
    LossStack m_stack;      // of ChartKind::LossTerms
};

} // namespace dskd::ui
