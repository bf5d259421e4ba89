#pragma once

// Which numbers an option of the command line takes, refused in our sentences: CLI11 writes the bounds of its own
// ranges with all their digits, 309 of the largest number's.

#include <CLI/CLI.hpp>

namespace dskd::cli
{

// For CLI::Option::check: "must be a number >= 0, not -1". NaN and infinity are refused, and what begins as a number of
// another base does (0x10, 010). What is no number at all is refused by the type of the option.
[[nodiscard]] CLI::Validator atLeast(double least);
[[nodiscard]] CLI::Validator between(double least, double most); // both included

} // namespace dskd::cli
