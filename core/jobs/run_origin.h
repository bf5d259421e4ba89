#pragma once

// What a run folder keeps (RunLayout::origin) of the experiment that its run was made from. While workspace.db is there
// nobody needs it; `dskd doctor --repair` makes the experiments of a lost one anew from it (experiment_repair.h).

#include "core/base/result.h"
#include "core/base/run_layout.h"

#include <cstdint>
#include <optional>
#include <string>

namespace dskd::jobs
{

struct KeptOrigin {
    std::int64_t experiment = 0; // its id; runs that agree in this and in `created` are of one experiment
    double created = 0.0;        // when the experiment was made
    std::int64_t revision = 1;   // that the run was made from
    std::string name;            // of the experiment when the run was made
    std::string plan;            // of the revision, as JSON (config/plan)
};

[[nodiscard]] std::string toText(const KeptOrigin& origin);

// None where there is no such file: of a run without an experiment, or made by a version that did not keep it. Fails
// for one that cannot be read. Keys that are not known are left alone.
Result<std::optional<KeptOrigin>> readOrigin(const RunLayout& run);

} // namespace dskd::jobs
