#pragma once

#include "core/jobs/status.h"

#include <QIcon>
#include <QString>
#include <cstddef>

namespace dskd::ui
{

// A shape for a status, so that it is recognised without its colour: disc running, ring waiting, tick done, square
// stopped, triangle stalled, cross failed. 12 x 12 logical pixels in the colours of the theme; on a selected row in
// that of its text.
[[nodiscard]] QIcon statusMark(jobs::Status status);

// A square in a run's colour, 12 x 12 logical pixels; on a selected row with a frame, because the colour may be that of
// the selection.
[[nodiscard]] QIcon runSwatch(int color);

// How many runs of an experiment are in which state.
struct StateCounts {
    std::size_t done = 0;
    std::size_t going = 0; // starting, running, stalled
    std::size_t stopped = 0;
    std::size_t failed = 0;  // also crashed and out of memory
    std::size_t waiting = 0; // created, queued
    std::size_t missing = 0; // planned, not made

    [[nodiscard]] std::size_t total() const { return done + going + stopped + failed + waiting + missing; }
};
// "5 done · 1 running · 2 missing": those that there are.
[[nodiscard]] QString stateText(const StateCounts& counts);
// The shares of the states as a bar of 32 x 8 logical pixels, in the colours of statusMark; what waits or is missing is
// empty.
[[nodiscard]] QIcon stateBar(const StateCounts& counts);

} // namespace dskd::ui
