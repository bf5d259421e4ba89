#pragma once

#include "core/base/process.h"
#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/store/attempt_rows.h"
#include "core/store/run_reader.h"

#include <cstdint>
#include <optional>
#include <string>

namespace dskd::jobs
{

// launch.json: the process that was started last in a run folder.
struct Launch {
    ProcessIdentity process;
    double time = 0.0;
    std::uint64_t logBegin = 0; // bytes of worker.log that earlier processes wrote
    bool killed = false;        // killWorker was asked to end it
};
[[nodiscard]] std::optional<Launch> readLaunch(const RunLayout& run); // none when missing or unreadable
Result<void> writeLaunch(const RunLayout& run, const Launch& launch);

// Everything a run folder and the system say about the newest worker of a run. Any thread.
struct Evidence {
    std::optional<ProcessIdentity> process;    // none: never started
    double started = 0.0;                      // when the process was started
    Liveness liveness = Liveness::Gone;        // of the process
    bool killed = false;                       // Launch::killed of the process
    std::optional<store::AttemptRow> attempt;  // of that process; none: it has not reported yet
    std::optional<store::Heartbeat> heartbeat; // of that attempt
    std::optional<store::EventRow> failed;     // the `failed` event of that attempt; none of one that is done
    std::int64_t totalSteps = 0;
    std::string warning; // store::RunReader::warning

    [[nodiscard]] bool alive() const { return liveness == Liveness::Alive || liveness == Liveness::Suspended; }
};
// Notes in launch.json that a person has the worker killed, because a killed worker cannot record it. False takes it
// back.
Result<void> noteKill(const RunLayout& run, const Evidence& evidence, bool killed);
[[nodiscard]] Evidence gatherEvidence(const RunLayout& run); // throws Error when run.db is damaged
// The same through a reader of that run, which holds no snapshot: a second look must see what was written since.
[[nodiscard]] Evidence gatherEvidence(const RunLayout& run, store::RunReader& reader);

// The last lines of worker.log that the newest process wrote.
[[nodiscard]] std::string logTail(const RunLayout& run);

// True when the kernel's log says that its out-of-memory killer ended this process. False also when that log may not be
// read.
[[nodiscard]] bool killedForMemory(const ProcessIdentity& process);

} // namespace dskd::jobs
