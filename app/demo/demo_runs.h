#pragma once

// The runs of the demo, as `dskd demo` and the start window make them.

#include "app/demo/demo_files.h"
#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/store/workspace_db.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dskd::demo
{

struct DemoChoices {
    bool quick = false;               // a short version with one seed
    std::vector<std::uint64_t> seeds; // empty: the manifest's
};

struct DemoPlan {
    std::string title;                           // of the report
    std::vector<config::Experiment> experiments; // in the order they should run
};

// Throws Error where the demo's files cannot be read.
DemoPlan planDemo(const DemoFiles& files, const DemoChoices& choices);

struct DemoRuns {
    std::vector<std::string> ids; // in the plan's order
    int queued = 0;               // those that are not finished
};

// Makes the runs of the plan that the workspace does not have yet (all of them with `again`) and puts the unfinished
// ones into the queue, which this starts no runner for. Throws Error where the workspace cannot be written.
DemoRuns queueDemo(store::WorkspaceDb& workspace, const DemoPlan& plan, bool again);

} // namespace dskd::demo
