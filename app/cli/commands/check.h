#pragma once

// `dskd check`: does an experiment fit together, before anything is trained?

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"

#include <string>
#include <vector>

namespace dskd::cli
{

struct CheckOptions : CommonOptions {
    std::string config;
    std::vector<std::string> sets; // FIELD=VALUE
};

// Done, or Usage when the worker would refuse the experiment.
int runCheck(const CheckOptions& options, Console& console);

} // namespace dskd::cli
