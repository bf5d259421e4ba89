#pragma once

// `dskd doctor`: what there is, what is missing, and how to get it.

#include "app/cli/console.h"

#include <string>

namespace dskd::cli
{

struct DoctorOptions {
    std::string workspace; // as given on the command line; may be empty
    bool json = false;
};

// Failed when something that training needs is missing.
int runDoctor(const DoctorOptions& options, Console& console);

} // namespace dskd::cli
