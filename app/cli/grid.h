#pragma once

// A sweep: every combination of field values, times seeds.

#include "core/base/result.h"
#include "core/config/schema/experiment.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dskd::cli
{

struct Axis {
    std::string field; // full path
    std::vector<std::string> values;
};

// "space=diff,student,dual" with the field's short name resolved.
Result<Axis> parseAxis(const std::string& text);
// "10,20,30".
Result<std::vector<std::uint64_t>> parseSeeds(const std::string& text);

// The experiments of a grid, the last axis varying fastest and seeds fastest of all. With axes, names are the
// differing values alone ("space=dual distance=kl"), for the group carries the base's name; an empty seed list keeps
// the configuration's seed. `sets` are the --set fields that `base` was read with: an axis of whole methods would undo
// them. Fails on a value that a field does not take, on two ways of naming one thing, and on combinations that
// config::validate refuses, naming them.
Result<std::vector<config::Experiment>> expandGrid(const config::Experiment& base, const std::vector<Axis>& given,
                                                   const std::vector<std::uint64_t>& seeds,
                                                   const std::vector<std::string>& sets = {});

} // namespace dskd::cli
