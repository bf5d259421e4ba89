#pragma once

// A comparison of runs as `dskd compare` and `dskd demo` print it.

#include "app/cli/terminal/console.h"
#include "core/jobs/comparison_table.h"

#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace dskd::cli
{

// The comparison for the terminal: all metrics of the table, or as many of the first ones as the width holds, two at
// least; below it what its marks mean, and a line with the number of metrics that are left out.
void printComparison(jobs::ComparisonTable table, bool allMetrics, Console& console);

// {"pairs_of": "seeds", "pairs": 3, "p": 0.01}
[[nodiscard]] nlohmann::json testJson(const jobs::PairedTest& test);

// [{"run", "what", "hint"}, …]
[[nodiscard]] nlohmann::json leftOutJson(const std::vector<jobs::UnreadRun>& runs);
// On stderr, a line a run.
void printLeftOut(const std::vector<jobs::UnreadRun>& runs, Console& console);

} // namespace dskd::cli
