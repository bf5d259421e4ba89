#pragma once

#include <string>
#include <string_view>

namespace dskd::cli
{

// What the choices of a field mean, one indented line each: "    kl             Kullback-Leibler, …". Empty for a field
// without choices, and for one whose choices have no sentence.
[[nodiscard]] std::string choiceLines(std::string_view field);

} // namespace dskd::cli
