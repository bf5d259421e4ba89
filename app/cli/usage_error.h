#pragma once

// What was wrong with the words of a command line, in our sentences instead of CLI11's.

#include "core/base/result.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace dskd::cli
{

// Of kind Usage: what is wrong with `words`, and the --help that lists what the command takes. `line` has just thrown
// `problem` while it parsed them.
[[nodiscard]] Failure usageFailure(const CLI::App& line, const CLI::ParseError& problem,
                                   const std::vector<std::string>& words);

// Throws of kind Usage where an option or argument that `line` has understood was given an empty value ("--to ''"), as
// a shell gives one for a variable that is not set. A TEXT may be empty.
void refuseEmptyValues(const CLI::App& line);

} // namespace dskd::cli
