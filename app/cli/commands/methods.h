#pragma once

// `dskd methods`: every method by name, and what the choices mean that methods are composed of.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"

#include <string>

namespace dskd::cli
{

struct MethodsOptions : CommonOptions {
    std::string method; // an id: print its fields, ready for a configuration
};
int runMethods(const MethodsOptions& options, Console& console);

} // namespace dskd::cli
