#pragma once

// What tells configurations apart, in the words of a heading: "seed=20, lr=0.001". Any thread.

#include "core/config/schema/experiment.h"

#include <string>
#include <vector>

namespace dskd::jobs
{

// The JSON text of a value as people write it: without quotes, of a path only its end.
[[nodiscard]] std::string shortValue(const std::string& json);

// Of each experiment the fields in which it differs from others under the same title; empty where its title is its own.
// `titles` and `experiments` are of one length.
[[nodiscard]] std::vector<std::string> toldApart(const std::vector<std::string>& titles,
                                                 const std::vector<config::Experiment>& experiments);

} // namespace dskd::jobs
