#pragma once

#include "core/jobs/status.h"

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

} // namespace dskd::jobs
