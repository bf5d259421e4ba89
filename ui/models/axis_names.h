#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::ui
{

struct RunRecord;

// A field that the names of an experiment's runs give a value, "space" of "space=student distance=kl".
struct NamedAxis {
    std::string field;
    std::string first;   // the value in the first name
    bool varies = false; // another name has another value
    friend bool operator==(const NamedAxis&, const NamedAxis&) = default;
};

// The fields of those names that are made of "field=value" words, in their order; other names (a person chose them) do
// not count. Empty where such names differ in their fields, or where there are fewer than two: nothing is shared.
[[nodiscard]] std::vector<NamedAxis> namedAxes(const std::vector<std::string_view>& names);

// The values that vary: "student · kl" of "space=student distance=kl objective=kd", so that a narrow list shows what
// tells the runs apart. Empty where none varies. The name itself where it is not made of these axes.
[[nodiscard]] std::string variedPart(std::string_view name, const std::vector<NamedAxis>& axes);

// Of the runs of one experiment: the ids of those of revisions before the newest that share their name and seed with
// another run. Their labels need the revision to tell them apart.
[[nodiscard]] std::set<std::string> formerNamesakes(const std::vector<RunRecord>& runs, std::int64_t newestRevision);

} // namespace dskd::ui
