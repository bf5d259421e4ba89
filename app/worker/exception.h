#pragma once

#include "core/base/exit_codes.h"
#include "core/base/result.h"

#include <string>

namespace dskd::worker
{

struct Ending {
    ExitCode code = ExitCode::Done;
    Failure failure; // empty unless something went wrong
};

// What the exception in flight means for the person who asked for the work. `memoryHint`: what to do when memory ran
// out; `detailsHint`: where more is said of an error of LibTorch's. REQUIRES: called where an exception was caught.
[[nodiscard]] Ending explainException(const std::string& memoryHint, const std::string& detailsHint);

} // namespace dskd::worker
