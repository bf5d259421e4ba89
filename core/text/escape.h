#pragma once

// Text from files and people, made safe for the place it is put in.

#include <string>
#include <string_view>
#include <vector>

namespace dskd::text
{

// For HTML content and quoted attributes. Bytes that are not UTF-8, control characters and those that turn
// the direction of the text around them (U+202A-202E, U+2066-2069) become U+FFFD.
[[nodiscard]] std::string html(std::string_view text);
// For LaTeX text mode, in ASCII: pdflatex compiles it without any package. A character that plain LaTeX cannot write is
// named, "[U+4E2D]".
[[nodiscard]] std::string latex(std::string_view text);
// One field of a CSV line (RFC 4180); quoted only where needed.
[[nodiscard]] std::string csv(std::string_view text);
// The fields as one CSV line with its end.
[[nodiscard]] std::string csvLine(const std::vector<std::string>& fields);
// For a terminal: control characters other than line end and tab, and marks that turn the direction of the text, are
// written as \u001b, so that text cannot steer it or show itself as another.
[[nodiscard]] std::string terminal(std::string_view text);
// The same on one line: line ends and tabs become spaces.
[[nodiscard]] std::string terminalLine(std::string_view text);
// JSON text of the same value for a terminal: inside its strings such characters as JSON's own escapes.
[[nodiscard]] std::string terminalJson(std::string_view json);

} // namespace dskd::text
