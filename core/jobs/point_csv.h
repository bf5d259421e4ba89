#pragma once

// Recorded points as CSV: one form, whether the window or the command line writes it. Any thread.

#include "core/store/measured_rows.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace dskd::jobs
{

// Whose points they are. The name alone does not tell seeds apart.
struct PointSource {
    std::string runId;
    std::string name; // as shown
    std::uint64_t seed = 0;
};

inline constexpr std::string_view kPointColumns = "run,name,seed,metric,step,tokens,time,value\n";

// The columns before the step: "20261123-051200-dual-s10,dual,10,loss,".
[[nodiscard]] std::string pointPrefix(const PointSource& run, std::string_view metric);
// A whole line. Numbers read back as the same double; NaN and infinities are spelled out.
[[nodiscard]] std::string pointLine(const std::string& prefix, const store::MetricPoint& point);

} // namespace dskd::jobs
