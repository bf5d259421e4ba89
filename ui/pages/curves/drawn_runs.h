#pragma once

#include "ui/feed/workspace_feed.h"
#include "ui/pages/curves/curve_set.h"
#include "viz/curve_chart.h"

#include <set>

namespace dskd::ui
{

// The shown runs as charts see them, in the order of the workspace, those that are gone left out.
[[nodiscard]] std::vector<DrawnRun> drawnRuns(const WorkspaceFeed& workspace, const SeriesFeed& series,
                                              const std::set<std::string>& shown,
                                              const std::set<std::string>& selected);

// What the charts of a page need of its runs. Of a long series a line shows the extremes; means over seeds, smoothing
// and the stack of a run (the one that has its experiment) need every point. `closely`: a part of the x axis.
[[nodiscard]] SeriesRequests seriesRequests(const std::vector<DrawnRun>& runs, const CurvesPageState& page,
                                            const viz::XPart& closely);
// Which part of the x axis is to be read closely for what is visible: with as much again on either side, so that moving
// a little needs nothing new, and `before` as long as it will do.
[[nodiscard]] viz::XPart partToRead(const viz::XPart& before, const viz::XPart& visible);

// "Reading 31 %"; empty when everything that was asked for has been read.
[[nodiscard]] QString readingNote(const std::vector<DrawnRun>& runs);

[[nodiscard]] QString noRunShown(); // what to do where no run is shown

// Why a chart has no curve, and what would give it one. `isReading`: it may get one yet.
struct EmptyChart {
    QString why;
    bool isReading = false;
};
[[nodiscard]] EmptyChart whyEmpty(const ChartSpec& chart, const std::vector<DrawnRun>& runs,
                                  const WorkspaceFeed& workspace);

// "dual-kl: last point 42 s ago" for the shown runs that are running and whose newest point is `staleAfter` seconds old
// or older; empty where there is none.
[[nodiscard]] QString staleRuns(const WorkspaceFeed& workspace, const SeriesFeed& series,
                                const std::vector<std::string>& shown, double now, double staleAfter = 10.0);

} // namespace dskd::ui
