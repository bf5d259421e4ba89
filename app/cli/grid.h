#pragma once

// A sweep: every combination of field values, times seeds. Everything throws Error of kind Usage.

#include "app/cli/field_sets.h"
#include "core/config/schema/experiment.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dskd::cli
{

struct Axis {
    std::string field; // full path, or "method" for whole methods by name
    std::vector<std::string> values;
};

struct Grid {
    std::vector<Axis> axes;
    std::vector<std::uint64_t> seeds; // empty: the configuration's own
    std::string group;                // of all runs; empty: the configuration's, else its name, else `otherGroup`
    std::string otherGroup;
};

// "space=diff,student,dual" with the field's short name resolved.
Axis parseAxis(const std::string& text);
// "10,20,30".
std::vector<std::uint64_t> parseSeeds(const std::string& text);

// The experiments of a grid over the configuration that `file` and `sets` make, in the order of field_sets.h. An axis
// of methods varies slowest, then the axes as they stand, seeds fastest of all. With axes, names are the differing
// values alone ("space=dual distance=kl"), for the group carries the configuration's name. Refuses a value that a
// field does not take, two ways of naming one thing, and combinations that config::validate refuses, naming them.
std::vector<config::Experiment> expandGrid(const config::Experiment& file, const FieldSets& sets, const Grid& grid);

} // namespace dskd::cli
