#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace dskd::jobs
{

// Whether a queue runner works in the workspace at this moment.
[[nodiscard]] bool queueRunnerWorks(const std::filesystem::path& workspace);

// Sees that a queue runner works in the workspace: starts `dskd queue work` detached, with its output appended to
// <workspace>/queue.log, unless one holds queue.lock already. Returns the pid of the one started, or 0 when one works.
// The program is $DSKD, else `dskd` beside the running program, else that in PATH. Waits up to 0.3 s; any thread.
Result<int> launchQueueRunner(const std::filesystem::path& workspace);

} // namespace dskd::jobs
