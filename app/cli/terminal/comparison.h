#pragma once

// A comparison of runs as `dskd compare` and `dskd demo` print it.

#include "app/cli/terminal/console.h"
#include "core/jobs/compare.h"

#include <string>
#include <vector>

namespace dskd::cli
{

// The comparison for the terminal: as many of its headline metrics as the width holds, two at least, and a line
// that says how many are left out. With `metrics` those, however wide.
void printComparison(const jobs::Comparison& comparison, const std::vector<std::string>& metrics, Console& console);

// On stderr, a line a run.
void printLeftOut(const std::vector<jobs::UnreadRun>& runs, Console& console);

} // namespace dskd::cli
