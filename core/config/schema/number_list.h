#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::config
{

// Whole numbers as people write them: "10, 20, 30", "10-14", or both, separated by commas, semicolons or spaces. Each
// once, in the order of the text. Refuses (Usage) what is no whole number of 0 or more, a range that falls, one of more
// than 10,000 numbers, and a text without any. `what` they are, for the sentence: "seeds".
Result<std::vector<std::uint64_t>> parseNumbers(std::string_view text, std::string_view what);

// The other way round: "10-14" for three or more that follow each other.
[[nodiscard]] std::string numbersText(const std::vector<std::uint64_t>& numbers);

} // namespace dskd::config
