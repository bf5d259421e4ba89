#pragma once

// How the job of a run goes, as rows of run.db: the starts of its workers, their events, and whether one is alive.
// Times are seconds since 1970.

#include "core/base/process.h"

#include <cstdint>
#include <optional>
#include <string>

namespace dskd::store
{

struct EventRow {
    std::int64_t id = 0;
    double time = 0.0;
    std::int64_t step = 0;
    std::string kind; // "data", "model", "checkpoint", "warning", "failed", "done", ...
    std::string message;
    std::string hint;
};

// The kind of the event that records why a worker gave up. status reads it.
inline constexpr const char* kFailedEvent = "failed";
// Of one that pages show to the person, for example that lines were left out. The job went on.
inline constexpr const char* kWarningEvent = "warning";

struct Heartbeat {
    double time = 0.0;
    std::int64_t step = 0;
    std::string phase; // "loading", "training", "validating", "saving", ...
};

struct Plan {
    std::int64_t totalSteps = 0;
    std::int64_t stepsPerEpoch = 0;
};

// One start of a worker in a run folder. Without `ended` the worker is alive, or it was killed or crashed.
struct AttemptRow {
    std::int64_t id = 0;
    ProcessIdentity process;
    std::optional<std::int64_t> resumeStep; // none: from the beginning
    double started = 0.0;
    std::optional<double> ended;
    std::optional<int> exitCode;
    std::string reason; // a sentence
    // How long it has worked, up to its end or last heartbeat, by a monotonic clock; none of older runs.
    std::optional<double> seconds;
};

} // namespace dskd::store
