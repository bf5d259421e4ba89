#pragma once

#include "core/base/process.h"
#include "core/base/result.h"
#include "core/base/run_layout.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace dskd::jobs
{

struct LaunchOptions {
    std::filesystem::path worker;                   // empty: findWorker()
    std::map<std::string, std::string> environment; // added to ours: {"CUDA_VISIBLE_DEVICES", "1"}
    int workers = 1;                                // that the caller will have at work at once, this one included
};

// dskd-worker, as findProgram (spawn.h) looks for it; the environment variable is DSKD_WORKER.
Result<std::filesystem::path> findWorker();

// Fails when the run is done, and starting it would begin by throwing its results away. A run that cannot be read
// passes: its worker reports the problem.
Result<void> requireUnfinished(const RunLayout& run);

// Fails when the run is being worked on, and as requireUnfinished does.
Result<void> requireQueueable(const RunLayout& run);

// Fails when a worker of this run is alive, when its run.db cannot be read, when its folder is gone, and as
// requireUnfinished does. Waits some seconds for a worker that has ended its attempt and is still there.
Result<void> requireStartable(const RunLayout& run);

// Starts `dskd-worker <run folder>` detached: own session, parent 1, stdin from /dev/null, stdout and stderr appended
// to worker.log, no other descriptor of ours. It outlives us. The same call resumes a run: the worker goes on from the
// latest finished checkpoint by itself. Where others are at work on this machine, or will be, it gets its share of the
// processors (worker_threads.h), which stays the same as long as it lives. Fails as requireStartable does. Returns the
// worker's pid.
Result<int> launchWorker(const RunLayout& run, const LaunchOptions& options = {});

// Signals to the living worker of a run; a Failure says when there is none, or when it runs on another host. One that
// has ended its attempt and is still there can be killed only, which changes nothing of how it ended.
Result<void> requestStop(const RunLayout& run);       // SIGTERM: finish the step, write a checkpoint, exit
Result<void> requestCheckpoint(const RunLayout& run); // SIGUSR1
Result<void> killWorker(const RunLayout& run);        // SIGKILL; the status reports it as requested

} // namespace dskd::jobs
