#pragma once

// A few steps of an experiment, trained only to see how long they take: where no run like it has been measured.

#include "core/jobs/launch.h"
#include "core/jobs/time_estimate.h"

#include <atomic>
#include <chrono>

namespace dskd::jobs
{

struct ProbeOptions {
    LaunchOptions launch;
    std::chrono::milliseconds limit = std::chrono::minutes(3); // with what was measured until then, if anything
    const std::atomic<bool>* cancelled = nullptr;
};

// Trains kProbeSteps steps in a folder of its own, without validation, probes and checkpoints, ends the worker and
// removes the folder. Takes the memory and the devices that a run takes. Fails as createRun and launchWorker do, with
// the reason of a worker that gave up, where too few steps were made within the limit, and when cancelled. Any thread.
Result<MeasuredRun> probeSteps(const config::Experiment& experiment, const ProbeOptions& options = {});

} // namespace dskd::jobs
