#pragma once

// `dskd compare`: runs side by side; seeds of one configuration become mean ± standard deviation.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"
#include "core/jobs/compare.h"

#include <string>
#include <vector>

namespace dskd::cli
{

struct CompareOptions : CommonOptions {
    std::vector<std::string> runs;    // also group:NAME
    std::vector<std::string> metrics; // empty: those that tell students apart
    bool latex = false;
};
// The comparison for the terminal: as many of its most telling metrics as the width holds, two at least, and a line
// that says how many are left out. With `metrics` those, however wide.
void printComparison(const jobs::Comparison& comparison, const std::vector<std::string>& metrics, Console& console);

int runCompare(const CompareOptions& options, Console& console);

} // namespace dskd::cli
