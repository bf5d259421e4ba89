#pragma once

#include "core/tokenizer/steps/aligned_text.h"

#include <cstdint>
#include <string_view>

namespace dskd::tokenizer
{

// `text` where it is UTF-8, U+FFFD for each maximal ill-formed subpart; counts the bytes that were replaced.
// The view points into `text` when there is nothing to repair, else into `buffer`.
[[nodiscard]] TextView repairedText(std::string_view text, AlignedText& buffer, std::uint32_t& replacedBytes);

} // namespace dskd::tokenizer
