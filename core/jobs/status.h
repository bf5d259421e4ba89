#pragma once

#include "core/base/exit_codes.h"
#include "core/base/failure.h"
#include "core/base/run_layout.h"
#include "core/store/run_reader.h"
#include "core/store/workspace_db.h"
#include "core/store/workspace_rows.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dskd::jobs
{

enum class Status {
    Created,     // never started
    Queued,      // waits for its turn
    Starting,    // process alive, has not reported yet
    Running,     // process alive, heartbeat fresh
    Stalled,     // process alive, heartbeat old (or suspended)
    Done,        // finished
    Stopped,     // was asked to stop: wrote a checkpoint, or was killed on request
    Failed,      // gave up and said why
    Crashed,     // gone without a word: killed by a signal, power cut
    OutOfMemory, // gave up for lack of host or device memory, or the system's out-of-memory killer took it
};

[[nodiscard]] std::string_view name(Status status); // "running", "out-of-memory", ...
[[nodiscard]] constexpr bool isAlive(Status status)
{
    return status == Status::Starting || status == Status::Running || status == Status::Stalled;
}

// Why a run ended badly: last event, exit code, heartbeat and the tail of worker.log in one place.
struct JobFailure {
    std::string what;                            // "Training stopped at step 412: ..."
    std::string hint;                            // what to do
    std::string details;                         // last lines of worker.log
    std::optional<ExitCode> code = std::nullopt; // of the worker, where it is known
};

struct RunStatus {
    Status status = Status::Created;
    std::string sentence; // "Running: step 120 of 300 (training)."
    std::int64_t step = 0;
    std::int64_t totalSteps = 0; // 0: not known yet
    std::string phase;
    std::optional<int> pid;                 // of the living worker
    std::optional<double> heartbeatAge;     // seconds
    std::optional<std::int64_t> checkpoint; // step a resume would begin from
    std::optional<std::int64_t> queuePosition;
    std::optional<JobFailure> failure; // for Failed, Crashed, OutOfMemory
    bool resumable = false;            // stopped, failed or crashed: starting it again makes sense
};

struct StatusRules {
    double stalledAfter = 30.0;                // seconds without a heartbeat
    std::uintmax_t fullDiskBelow = 1ULL << 20; // bytes available; with less, a stalled run waits for room
};

// The failure of a run whose folder was moved away or deleted; none while it is there.
[[nodiscard]] std::optional<Failure> folderGone(const RunLayout& run);

// From evidence only: process (pid and start time), heartbeat, attempts, events, log. Any thread.
[[nodiscard]] RunStatus readStatus(const RunLayout& run, const StatusRules& rules = {});
// The same through a reader of that run, which holds no snapshot, for those who read more of it.
[[nodiscard]] RunStatus readStatus(const RunLayout& run, store::RunReader& reader, const StatusRules& rules = {});
// The same status for a run that stands in the queue (nullptr: it does not): one that waits says so.
[[nodiscard]] RunStatus withQueue(RunStatus status, const store::QueueRow* entry);
// Both.
[[nodiscard]] RunStatus readStatus(store::WorkspaceDb& workspace, const std::string& runId,
                                   const StatusRules& rules = {});

} // namespace dskd::jobs
