#pragma once

// The shown runs as the page of spaces compares them: the seeds of one experiment together. Pure functions. GUI thread.

#include "ui/feed/workspace_feed.h"
#include "ui/pages/spaces/space_store.h"
#include "viz/box_plot.h"
#include "viz/curve.h"
#include "viz/scatter.h"

#include <QColor>
#include <QString>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dskd::ui
{

// Runs that differ in the seed alone; of one seed only the run that counts (jobs::oneRunOfEachSeed).
struct SpaceGroup {
    QString label; // "dual" of several seeds, else the run's name
    QColor color;
    QColor printColor;     // on paper
    bool selected = false; // one of its runs, in the list
    std::vector<std::string> runs;
    std::vector<const SpaceReading*> readings; // one for every run
};

// Of the runs in `shown` for which `find` has a reading that is not empty, in the order of the workspace.
[[nodiscard]] std::vector<SpaceGroup> spaceGroups(const WorkspaceFeed& workspace, const std::vector<std::string>& shown,
                                                  const std::vector<std::string>& selected,
                                                  const std::function<const SpaceReading*(const std::string&)>& find);

// Of a metric over the steps: the mean over the runs that have the step, with their sample standard deviation as the
// band where there are two or more, and how many they are. Nothing where no run has recorded it.
[[nodiscard]] std::optional<viz::Curve> curveOf(const SpaceGroup& group, const std::string& metric);

// Of the values of all samples of all seeds, each at the recorded step nearest to `step`; where that is another one, as
// of a run that ended earlier, viz::Box::instead names it. Nothing where there are none.
[[nodiscard]] std::optional<viz::Box> boxOf(const SpaceGroup& group, const std::string& metric, std::int64_t step);

// The points of one space: student and teacher, each with its own colour (runColor's number) and shape, connected with
// their counterparts.
[[nodiscard]] viz::ScatterPicture pictureOf(const SpacePoints& read, store::ModelSide space, int student, int teacher);

} // namespace dskd::ui
