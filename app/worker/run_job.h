#pragma once

#include "core/base/exit_codes.h"
#include "core/base/run_layout.h"
#include "core/train/job/run_control.h"

#include <string>

namespace dskd::worker
{

// Carries out the job of a run folder from beginning to end and reports it in run.db; a failure becomes a `failed`
// event and a sentence on stderr. Returns the code to exit with. `cudaReason`: why there is no CUDA, for the log.
ExitCode runJob(const RunLayout& run, train::RunControl& control, const std::string& cudaReason);

} // namespace dskd::worker
