#pragma once

#include "core/base/exit_codes.h"

#include <iosfwd>
#include <string>

namespace dskd::worker
{

// `dskd-worker --bench JOB`: measures what the JSON text asks for (core/jobs/bench_job.h) and prints the answer as JSON
// (core/bench/run_bench.h), or {"error": {"what", "hint", "kind"}} when it cannot: either is an answer, and the code
// is Done.
ExitCode answerBench(const std::string& job, std::ostream& out);

} // namespace dskd::worker
