#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"

#include <string>
#include <vector>

namespace dskd::worker
{

struct ResumeCheck {
    Result<void> fits;                      // fails when the run's inputs have changed; the kind is that of the input
    std::vector<std::string> warnings = {}; // for the attempt, when it begins
};

// A run that begins keeps what it is made of (core/preflight/run_inputs.h). One that goes on, from a checkpoint or with
// answers that its teacher gave, is compared with that; one of an older version keeps it from now on. Reads at most 64
// MiB of an input file, which take 0.08 s of a core.
[[nodiscard]] ResumeCheck checkInputs(const config::Experiment& experiment, const RunLayout& run);

} // namespace dskd::worker
