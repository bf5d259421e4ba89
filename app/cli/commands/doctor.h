#pragma once

// `dskd doctor`: what there is, what is missing, and how to get it.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"

namespace dskd::cli
{

struct DoctorOptions : CommonOptions {
};
// Failed when something that training needs is missing.
int runDoctor(const DoctorOptions& options, Console& console);

} // namespace dskd::cli
