#pragma once

#include "core/store/thinned_points.h"
#include "ui/feed/series_requests.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace dskd::ui
{

// Points of one metric for the window.
struct SeriesUpdate : store::MetricColumns {
    bool replaces = false; // what was handed over before; else they follow it
    bool thinned = false;  // as in Series
    std::int64_t total = 0;
    std::int64_t notFinite = 0;
};

// One series that RunSeriesReader follows: what was read of it, and what the window has not got yet. One thread.
struct FollowedSeries {
    explicit FollowedSeries(std::size_t buckets) : mostBuckets(buckets), points(buckets) {}

    std::size_t mostBuckets;
    bool every = false;
    store::ThinnedPoints points;     // unless `every`
    store::MetricColumns pending;    // not handed over; of a thinned one nothing
    std::int64_t lastId = 0;         // everything up to this row is here; 0: of the file `nextBlock` blocks
    std::size_t nextBlock = 0;       // of the file
    bool outlined = false;           // its outline was handed over
    bool replaces = false;           // what comes next stands for what was handed over
    bool changed = false;            // of a thinned one: since it was handed over
    std::optional<StepSpan> closely; // what `part` shows
    std::optional<store::ThinnedPoints> part;
    std::size_t partBlock = 0;          // of the file: `part` has what it needs of those before it
    std::optional<std::int64_t> partId; // it has the points of run.db up to this row; none: not begun with them
    bool partRead = false;              // it has every point; take() adds later ones

    void take(const store::MetricPoint& point);
    // Nothing is read; what comes next replaces what was handed over.
    void restart(bool everyPoint);
    // The steps to be looked at closely, of which nothing is read yet. None: nothing is.
    void startPart(const std::optional<StepSpan>& span);
    [[nodiscard]] bool inFile() const { return lastId == 0 && nextBlock > 0; }
    // Of a thinned one: what a line shows, with the part that is looked at closely once that is read.
    [[nodiscard]] store::MetricColumns shown() const;
};

} // namespace dskd::ui
