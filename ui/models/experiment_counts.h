#pragma once

#include "ui/feed/workspace_records.h"
#include "ui/models/status_mark.h"

#include <QStringList>
#include <vector>

namespace dskd::ui
{

// How many of the runs that its newest revision plans are in which state, as jobs::progressOf counts them; until that
// is known, its runs. `runs`: may hold others, which do not count.
[[nodiscard]] StateCounts countsOf(const ExperimentRecord& experiment, const std::vector<RunRecord>& runs);

// Its runs that do not count there, a line each: "2 more of earlier revisions", "1 more run is not in the plan: 1
// failed". Empty where there are none.
[[nodiscard]] QStringList runsBesideThePlan(const ExperimentRecord& experiment);

} // namespace dskd::ui
