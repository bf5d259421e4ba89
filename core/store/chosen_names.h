#pragma once

// What experiments, runs and groups can be called: one rule for all names that people choose. It is looked at when a
// name is given. Names that are there already, of a version that accepted them, stay.

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dskd::store
{

enum class Named { Experiment, Run, Group };

inline constexpr std::size_t kLongestName = 100; // characters

// Why nothing can be called so, as a sentence; empty: it can. Refused are names that are blank or begin or end with a
// blank, that have more than kLongestName characters or characters that a terminal obeys (line breaks, control
// characters), and those that would be read as something else: the number of an experiment (#2), a revision (dual@2),
// the newest run (last, in whatever case), a group of runs (group:dual, likewise), the id of a run
// (20261123-051200-dskd-s10).
[[nodiscard]] std::string whyUnusableName(const std::string& name, Named what = Named::Experiment);

// `wanted`, changed no more than it takes to be usable and typed: dual-2 for dual@2, "a b" for "a\nb", without other
// control characters and bytes that are no text. Empty stays empty.
[[nodiscard]] std::string usableName(const std::string& wanted);

// The 2 of "#2", the number of an experiment, a model or a data set. Nothing where other text follows, "#2@1".
[[nodiscard]] std::optional<std::int64_t> numberOf(std::string_view text);

// Fails (Usage) for a name that is not usable, and proposes another. A run and a group need none: empty passes there.
Result<void> checkName(const std::string& name, Named what);

} // namespace dskd::store
