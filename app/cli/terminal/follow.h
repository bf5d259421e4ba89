#pragma once

// Watching workers until they end or the person presses Ctrl-C. The workers do not notice either way. Failures are
// thrown as Error.

#include "app/cli/terminal/console.h"
#include "app/cli/terminal/progress.h"
#include "core/base/exit_codes.h"
#include "core/jobs/queue_runner.h"
#include "core/jobs/status.h"
#include "core/store/workspace_db.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

namespace dskd::cli
{

// While one lives, Ctrl-C and SIGTERM set a flag instead of ending the program. At most one at a time.
class Interrupt
{
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    [[nodiscard]] bool requested() const;
    [[nodiscard]] const std::atomic<bool>* flag() const;
};

// The code a script gets for how a run ended: 0 done, 10 stopped, 11 not finite, 12 out of memory, 13/14 bad model or
// data, 1 anything else.
[[nodiscard]] ExitCode exitCodeFor(const jobs::RunStatus& status);

// Shows one run until its worker is gone. nullopt when the person detached: the command then exits with Detached.
std::optional<jobs::RunStatus> followRun(Console& console, const std::filesystem::path& workspace,
                                         const std::string& runId, const std::string& label);

// followRun of a run in a workspace; with `json` its status at the end is printed as JSON.
ExitCode follow(Console& console, store::WorkspaceDb& workspace, const std::string& runId, bool json);
// Launches the worker of a created run, then `follow`s it unless `detach`.
ExitCode launchAndFollow(Console& console, store::WorkspaceDb& workspace, const std::string& runId, bool detach,
                         bool json);

// Works on the queue of the workspace with one line per run. After Ctrl-C nothing more is started and the running
// workers go on; `detached` then is true.
struct QueueRun {
    jobs::QueueSummary summary;
    bool detached = false;
};
QueueRun followQueue(Console& console, store::WorkspaceDb& workspace);
// The same, and prints how many runs finished. Failed when one did not.
ExitCode workQueue(Console& console, store::WorkspaceDb& workspace, bool json);

// What a progress line calls a run: its name, and " s10" for its seed unless it ends in that already.
[[nodiscard]] std::string labelOf(const store::RunRow& run);

} // namespace dskd::cli
