#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dskd
{

// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`.
[[nodiscard]] int editDistance(std::string_view a, std::string_view b);

// The candidate that a mistyped `text` most likely means; empty when none is near (more than a third of it differs).
[[nodiscard]] std::string nearestName(std::string_view text, std::span<const std::string> candidates);

} // namespace dskd
