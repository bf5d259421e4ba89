#pragma once

// `dskd config`: every field of a configuration with its default, what is allowed and what it does; or a file
// completed with all defaults, checked.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"

#include <string>
#include <vector>

namespace dskd::cli
{

struct ConfigOptions : CommonOptions {
    std::string file;              // empty: the field reference
    std::vector<std::string> sets; // "train.lr=1e-3"
    std::string filter;            // only fields whose path contains this
};
int runConfig(const ConfigOptions& options, Console& console);

} // namespace dskd::cli
