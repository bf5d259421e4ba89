#pragma once

#include "ui/feed/workspace_records.h"
#include "ui/models/status_mark.h"

#include <vector>

namespace dskd::ui
{

// How many of the runs that its newest revision plans are in which state. `runs`: may hold others, which do not count.
[[nodiscard]] StateCounts countsOf(const ExperimentRecord& experiment, const std::vector<RunRecord>& runs);

} // namespace dskd::ui
