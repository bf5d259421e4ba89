#pragma once

// Looking at runs: runs, show, metrics.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"

#include <string>

namespace dskd::cli
{

struct RunsOptions : CommonOptions {
    std::string group;
    bool trashed = false;
};
int runRuns(const RunsOptions& options, Console& console);

struct ShowOptions : CommonOptions {
    std::string run;
    bool config = false; // only the frozen configuration, as JSON
};
int runShow(const ShowOptions& options, Console& console);

struct MetricsOptions : CommonOptions {
    std::string run;
    std::string name; // empty: all
    bool csv = false; // one line per point, full precision
};
// Without --csv and --json: a table of the series with their number of points, first, last, least and greatest value.
int runMetrics(const MetricsOptions& options, Console& console);

} // namespace dskd::cli
