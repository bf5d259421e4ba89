#pragma once

#include "core/base/exit_codes.h"
#include "core/train/job/run_control.h"

#include <iosfwd>

namespace dskd::worker
{

// `dskd-worker --ask`: reads a question (core/jobs/question.h) from `in`, lets its models answer one after another, so
// that only one is in memory, and writes the news of each to `out`, a line of JSON at a time. One that cannot answer
// reports why, and the next has its turn. Lowers the priority of this process, because trainings go first. Returns
// Usage for what is no question, Stopped where it was asked to stop before the end.
ExitCode answerQuestion(std::istream& in, std::ostream& out, const train::RunControl& control);

} // namespace dskd::worker
