#pragma once

// A table of runs with one row for those that differ in nothing but the seed, as a comparison groups them. Any thread.

#include "core/jobs/compare.h"
#include "core/jobs/table/run_columns.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dskd::jobs
{

struct SeedGroup {
    std::vector<std::size_t> runs;    // places in the list that was grouped, in their order
    std::vector<std::size_t> counted; // of them those whose values are averaged (countedRuns)
    std::size_t done = 0;             // of the counted ones: all, or none, and the values are those so far
};

// In the order of their first run. `keys`: groupKey of every run; one without a key stands alone.
[[nodiscard]] std::vector<SeedGroup> seedGroups(std::span<const TableRun> runs, std::span<const std::string> keys);

// What a row of several runs shows in a column: of a metric the mean over the counted runs that have it, of anything
// else what all runs share.
struct GroupValue {
    std::optional<Summary> mean; // of a metric
    RunValue shared;             // of other columns; nothing where the runs differ
    bool differs = false;        // they do
};
[[nodiscard]] GroupValue valueOf(const RunColumn& column, const SeedGroup& group, std::span<const TableRun> runs);

// How many runs the means of these columns are over: the fewest and the most of those that have a mean. Without a
// metric among the columns the runs that are done.
struct AveragedRuns {
    std::size_t fewest = 0;
    std::size_t most = 0;
};
[[nodiscard]] AveragedRuns averagedRuns(std::span<const RunColumn> columns, const SeedGroup& group,
                                        std::span<const TableRun> runs);
// "3"; "2-3" where the columns differ.
[[nodiscard]] std::string toText(const AveragedRuns& averaged);

// "2.250 ± 0.35", "10, 20, 30" for seeds, "several" where runs differ, "-" for nothing.
[[nodiscard]] std::string shownText(const RunColumn& column, const GroupValue& value, const SeedGroup& group,
                                    std::span<const TableRun> runs);
// What rows are sorted by: the mean, or what is shared.
[[nodiscard]] RunValue orderOf(const GroupValue& value);

} // namespace dskd::jobs
