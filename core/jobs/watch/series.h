#pragma once

// The series of a run as watchdogs judge them: by means over windows, so that a single outlier is no finding.

#include "core/jobs/watchdogs.h"
#include "core/store/measured_rows.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// Null: not recorded.
[[nodiscard]] const std::vector<store::MetricPoint>* seriesOf(const RunEvidence& evidence, std::string_view name);

// Without NaN and infinities.
[[nodiscard]] std::vector<store::MetricPoint> finite(const std::vector<store::MetricPoint>& points);

struct Window {
    std::int64_t lastStep = 0;
    double mean = 0.0;
    double deviation = 0.0; // of the values
};

[[nodiscard]] std::size_t windowSize(std::size_t points);
// The last one ends with the series; points that do not fill the first are left out.
[[nodiscard]] std::vector<Window> windows(const std::vector<store::MetricPoint>& points);
// REQUIRES: points.
[[nodiscard]] double meanOf(const std::vector<store::MetricPoint>& points);

// For sentences: "step 400".
[[nodiscard]] std::string atStep(std::int64_t step);

} // namespace dskd::jobs
