#pragma once

// Which configuration fields belong together when a method is composed, and which of them an experiment makes use of.
// For the dialog, which greys out what has no effect and says why, and for the command line's reference.

#include "core/config/schema/experiment.h"

#include <span>
#include <string_view>

namespace dskd::config
{

struct FieldGroup {
    std::string_view title;
    std::string_view sentence;
    std::span<const std::string_view> fields; // full paths, in the order of reading
};

// The fields that make a method, each in one group.
[[nodiscard]] std::span<const FieldGroup> methodGroups();

// Why the field has no effect in this experiment, as a sentence that says what would give it one; empty: it has.
[[nodiscard]] std::string_view whyUnused(const Experiment& experiment, std::string_view field);

} // namespace dskd::config
