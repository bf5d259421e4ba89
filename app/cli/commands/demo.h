#pragma once

// `dskd demo`: a teacher distilled into a student three ways, and the report that compares them.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"

#include <string>

namespace dskd::cli
{

struct DemoOptions : CommonOptions {
    bool quick = false;
    bool again = false;
    bool prepare = false; // only make and queue the runs; `dskd queue work` or the window does the rest
    std::string seeds;    // empty: the manifest's
};

// The workspace is -w, else DSKD_WORKSPACE, else ./demo-workspace; it is made when it is not there. Runs that are
// finished are not run again unless `again`; unfinished ones go on.
int runDemo(const DemoOptions& options, Console& console);

} // namespace dskd::cli
