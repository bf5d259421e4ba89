#pragma once

#include "core/jobs/status.h"

#include <cstddef>
#include <vector>

namespace dskd::jobs
{

// How far a run has got, the furthest last. Of several runs with one configuration and seed the one that got furthest
// counts, in the matrix and in the progress of an experiment alike.
enum class Stage { Failed, Stopped, Created, Queued, Running, Done };

// Starting and stalled runs are Running; crashed ones and those without memory are Failed.
[[nodiscard]] Stage stageOf(Status status);

// The furthest of them. REQUIRES: a run.
[[nodiscard]] Stage furthestStage(const std::vector<Status>& runs);

// How many runs are at which stage.
struct StageCounts {
    std::size_t done = 0;
    std::size_t running = 0; // at work, also stalled
    std::size_t queued = 0;
    std::size_t stopped = 0;
    std::size_t failed = 0;  // also crashed and out of memory
    std::size_t created = 0; // never started

    void add(Stage stage);
    [[nodiscard]] std::size_t total() const { return done + running + queued + stopped + failed + created; }
    friend bool operator==(const StageCounts&, const StageCounts&) = default;
};

} // namespace dskd::jobs
