#pragma once

// Code points and the terminal columns they take.

#include <string>
#include <string_view>

namespace dskd::text
{

// Decodes the code point at `position` and moves past it; a byte that begins no valid sequence counts as U+FFFD.
// REQUIRES: position < text.size().
[[nodiscard]] char32_t nextCodePoint(std::string_view text, std::size_t& position);
void appendCodePoint(std::string& text, char32_t code);

// Columns of a terminal: combining marks 0, East Asian wide and emoji 2, others 1.
[[nodiscard]] int displayWidth(std::string_view utf8);
// Cut to at most `columns`, ending in an ellipsis ("..." when asciiOnly) when something was cut.
[[nodiscard]] std::string elide(std::string_view utf8, int columns, bool asciiOnly = false);

} // namespace dskd::text
