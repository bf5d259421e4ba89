#pragma once

#include "core/base/result.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace dskd::config
{

// Parses JSON, refusing what a lenient parser passes over in silence: a key that stands twice in one object. The
// failure names line and column.
Result<nlohmann::json> parseStrictJson(std::string_view text);

} // namespace dskd::config
