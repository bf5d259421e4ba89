#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace dskd::dataset
{

// One line as JSON, in which Python's NaN, Infinity and -Infinity count as the number 0 (no form reads numbers). The
// failure's `what` is a sentence that quotes nothing of the line, so it is always clean text.
Result<nlohmann::json> parseJsonLine(std::string_view line);

} // namespace dskd::dataset
