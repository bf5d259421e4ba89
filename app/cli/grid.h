#pragma once

// A sweep as the words of the command line: every combination of field values, times seeds. Everything throws Error of
// kind Usage.

#include "app/cli/field_sets.h"
#include "core/config/plan/plan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dskd::cli
{

// "space=diff,student,dual" with the field's short name resolved.
config::Axis parseAxis(const std::string& text);
// "10,20,30", "10-14".
std::vector<std::uint64_t> parseSeeds(const std::string& text);

// Sets fields of a plan: of its configuration, or, where an axis varies whole methods, after them. Refuses a field that
// the plan varies: the value would have no effect.
void apply(const FieldSets& sets, config::Plan& plan);

// The plan of a grid over the configuration that `file` and `sets` make, in the order of field_sets.h.
config::Plan makePlan(const config::Experiment& file, const FieldSets& sets, const std::vector<config::Axis>& axes,
                      const std::vector<std::uint64_t>& seeds);

// What the experiment of a sweep is called, and the group of its runs: `given`, else the group of the configuration,
// else its name, else `otherwise`.
std::string sweepName(const std::string& given, const config::Plan& plan, const std::string& otherwise);

} // namespace dskd::cli
