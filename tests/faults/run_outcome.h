#pragma once

#include "core/base/run_layout.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace dskd::test
{

// What a run leaves, without what depends on the clock and on the machine.
struct Outcome {
    std::map<std::string, std::map<std::int64_t, double>> series;
    std::set<std::string> checkpoints;
    std::string student; // the bytes of the last checkpoint's weights

    bool operator==(const Outcome&) const = default;
};

// Of a run that has ended after `steps` steps.
[[nodiscard]] Outcome outcomeOf(const RunLayout& run, std::int64_t steps);

} // namespace dskd::test
