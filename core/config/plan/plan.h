#pragma once

// What an experiment of a workspace is made of: one configuration, the fields that its runs vary, and their seeds.

#include "core/base/result.h"
#include "core/config/schema/experiment.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dskd::config
{

// A field that runs vary, and its values as setField takes them.
struct Axis {
    std::string field; // full path, or kMethodByName for whole methods
    std::vector<std::string> values;
    bool operator==(const Axis&) const = default;
};

// Values by the field of their axis; a combination that has all of them is left out.
using Exclusion = std::map<std::string, std::string>;
[[nodiscard]] std::string exclusionText(const Exclusion& exclusion); // "method.distance=rkl method.space=diff"

struct Plan {
    Experiment base; // name and group are of no account
    std::vector<Axis> axes;
    // Field values that hold whatever method an axis of methods sets: applied after it and before the other axes.
    std::vector<std::pair<std::string, std::string>> fixed;
    std::vector<Exclusion> excluded;
    std::vector<std::uint64_t> seeds; // empty: the base's own
};

// The values of one combination, by the axes' fields, in their order.
using AxisValues = std::vector<std::pair<std::string, std::string>>;

// One combination of values, once a seed.
struct PlannedRun {
    Experiment experiment; // with its seed; name and group are the base's
    AxisValues values;
    // Other combinations that are this run: they differ from it in nothing that has an effect (whyUnused).
    std::vector<AxisValues> same{};
};

// Every combination that is not excluded; of those that differ in nothing that has an effect the first, which names the
// others. An axis of methods varies slowest, then the axes as they stand, seeds fastest of all. Refuses (Usage) a value
// that a field does not take, two axes of one field, a seed among axes and seeds or twice among the seeds, a name or
// group as an axis, an exclusion that fits no combination, and a combination that validate() refuses, naming it.
Result<std::vector<PlannedRun>> expand(const Plan& plan);

// Combinations times seeds: the runs, and those that are the same as one of them.
[[nodiscard]] std::size_t numCells(const std::vector<PlannedRun>& runs);

// "space=dual distance=kl": what runs are called that differ in these values. A field is called by its last part, or in
// full where another axis ends the same way; one without effect in a run that stands for several combinations is left
// out. Empty without axes.
[[nodiscard]] std::string valuesText(const PlannedRun& run);

// As JSON text, indented, every field of the base in it; and back: unknown keys, wrong types and fields are refused.
[[nodiscard]] std::string toText(const Plan& plan);
Result<Plan> parsePlan(std::string_view text, const std::filesystem::path& baseFolder);

// What differs, by full field path, or "axes", "excluded", "seeds": how it is in `before` and in `after`, as people
// read it. Left out is what no run of either plan has or makes use of: fields without effect in all combinations, and
// values of the configuration in whose place both plans put those of an axis. A field that one plan alone varies is
// "varied" there.
struct Change {
    std::string field;
    std::string before;
    std::string after;
    bool operator==(const Change&) const = default;
};
[[nodiscard]] std::vector<Change> changes(const Plan& before, const Plan& after);

} // namespace dskd::config
