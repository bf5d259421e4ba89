#pragma once

// `dskd compare`: runs side by side; seeds of one configuration become mean ± standard deviation.

#include "app/cli/console.h"
#include "app/cli/workspace_access.h"

#include <string>
#include <vector>

namespace dskd::cli
{

struct CompareOptions : CommonOptions {
    std::vector<std::string> runs;    // also group:NAME
    std::vector<std::string> metrics; // empty: those that tell students apart
    bool latex = false;
};
int runCompare(const CompareOptions& options, Console& console);

} // namespace dskd::cli
