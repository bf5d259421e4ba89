#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace dskd::ui
{

// Both ends belong to it.
struct StepSpan {
    std::int64_t first = 0;
    std::int64_t last = 0;
    friend bool operator==(const StepSpan&, const StepSpan&) = default;
};

// What charts need of one run.
struct SeriesRequest {
    // By metric. True: every point, for what is computed from them (means over seeds, smoothing, stacks). False: what a
    // line shows, which of a long series are its extremes.
    std::map<std::string, bool> metrics;
    // The steps that are looked at closely: there a line shows as much as elsewhere in the whole series.
    std::optional<StepSpan> closely;
    friend bool operator==(const SeriesRequest&, const SeriesRequest&) = default;
};

using SeriesRequests = std::map<std::string, SeriesRequest>; // by run

} // namespace dskd::ui
