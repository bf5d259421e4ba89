#pragma once

// The columns that text takes in a terminal. Bytes that are not UTF-8 count as U+FFFD.

#include <string>
#include <string_view>

namespace dskd::text
{

// Columns of a terminal: combining marks 0, East Asian wide and emoji 2, others 1.
[[nodiscard]] int displayWidth(std::string_view utf8);
// Cut to at most `columns`, ending in an ellipsis ("..." when asciiOnly) when something was cut.
[[nodiscard]] std::string elide(std::string_view utf8, int columns, bool asciiOnly = false);
// The same with the ellipsis in the middle: names of runs and paths are told apart by their ends.
[[nodiscard]] std::string elideMiddle(std::string_view utf8, int columns, bool asciiOnly = false);

} // namespace dskd::text
