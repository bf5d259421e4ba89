#include "core/jobs/table/seed_groups.h"

#include "core/jobs/run_name.h"
#include "core/jobs/seed_runs.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <map>
#include <set>

namespace dskd::jobs
{
namespace
{

// The seed at the end of its name is no difference.
RunValue valueWithoutSeed(const RunColumn& column, const TableRun& run)
{
    return column.id == kNameColumn ? RunValue(nameWithoutSeed(run.row.name, run.row.seed)) : valueOf(column, run);
}

} // namespace

std::vector<SeedGroup> seedGroups(std::span<const TableRun> runs, std::span<const std::string> keys)
{
    std::vector<SeedGroup> groups;
    std::map<std::string_view, std::size_t> places;
    for (std::size_t run = 0; run < runs.size(); ++run) {
        std::size_t place = groups.size();
        if (!keys[run].empty()) {
            place = places.try_emplace(keys[run], groups.size()).first->second;
        }
        if (place == groups.size()) {
            groups.emplace_back();
        }
        groups[place].runs.push_back(run);
    }
    for (SeedGroup& group : groups) {
        std::vector<SeedRun> seeds;
        for (const std::size_t run : group.runs) {
            seeds.push_back({runs[run].row.seed, runs[run].status.status == Status::Done});
        }
        for (const std::size_t place : countedRuns(seeds)) {
            group.counted.push_back(group.runs[place]);
            group.done += seeds[place].done ? 1 : 0;
        }
    }
    return groups;
}

GroupValue valueOf(const RunColumn& column, const SeedGroup& group, std::span<const TableRun> runs)
{
    GroupValue result;
    if (column.source == RunColumn::Source::Metric) {
        std::vector<double> values;
        for (const std::size_t run : group.counted) {
            const RunValue value = valueOf(column, runs[run]);
            if (const double* number = std::get_if<double>(&value)) {
                values.push_back(*number);
            }
        }
        if (!values.empty()) {
            result.mean = summarize(values);
        }
        return result;
    }
    result.shared = valueWithoutSeed(column, runs[group.runs.front()]);
    result.differs = std::any_of(group.runs.begin() + 1, group.runs.end(),
                                 [&](std::size_t run) { return valueWithoutSeed(column, runs[run]) != result.shared; });
    if (result.differs) {
        result.shared = RunValue();
    }
    return result;
}

AveragedRuns averagedRuns(std::span<const RunColumn> columns, const SeedGroup& group, std::span<const TableRun> runs)
{
    std::optional<AveragedRuns> averaged;
    bool anyMetric = false;
    for (const RunColumn& column : columns) {
        if (column.source != RunColumn::Source::Metric) {
            continue;
        }
        anyMetric = true;
        if (const GroupValue value = valueOf(column, group, runs); value.mean) {
            const auto count = static_cast<std::size_t>(value.mean->count);
            averaged = averaged ? AveragedRuns{std::min(averaged->fewest, count), std::max(averaged->most, count)}
                                : AveragedRuns{count, count};
        }
    }
    return averaged ? *averaged : anyMetric ? AveragedRuns() : AveragedRuns{group.done, group.done};
}

std::string toText(const AveragedRuns& averaged)
{
    const std::string most = std::to_string(averaged.most);
    return averaged.fewest == averaged.most ? most : std::to_string(averaged.fewest) + "-" + most;
}

std::string shownText(const RunColumn& column, const GroupValue& value, const SeedGroup& group,
                      std::span<const TableRun> runs)
{
    if (column.id == kSeedColumn) {
        std::set<std::uint64_t> seeds;
        for (const std::size_t run : group.runs) {
            seeds.insert(runs[run].row.seed);
        }
        std::string all;
        for (const std::uint64_t seed : seeds) {
            all += (all.empty() ? "" : ", ") + std::to_string(seed);
        }
        return all;
    }
    if (value.differs) {
        return "several";
    }
    if (column.source != RunColumn::Source::Metric) {
        return shownText(column, value.shared);
    }
    if (!value.mean) {
        return "-";
    }
    const std::string mean = shownText(column, RunValue(value.mean->mean));
    return value.mean->count > 1
               ? mean + " ± " +
                     (column.kind == ColumnKind::Bytes ? shownText(column, RunValue(value.mean->deviation))
                                                       : text::number(value.mean->deviation * shownFactor(column), 2))
               : mean;
}

RunValue orderOf(const GroupValue& value)
{
    return value.mean ? RunValue(value.mean->mean) : value.shared;
}

} // namespace dskd::jobs
