#include "core/jobs/table/table_data.h"

#include "core/jobs/compare.h"
#include "core/jobs/run_folder.h"
#include "core/metrics/metric_table.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace dskd::jobs
{
namespace
{

bool isAmong(std::span<const RunColumn> columns, std::string_view id)
{
    return std::any_of(columns.begin(), columns.end(), [&](const RunColumn& column) { return column.id == id; });
}

} // namespace

Result<TableConfig> readTableConfig(store::WorkspaceDb& workspace, const RunLayout& run)
{
    const Result<config::Experiment> own = runConfig(run);
    if (!own) {
        return own.failure();
    }
    config::Experiment compared = *own;
    if (own->job != config::JobKind::Train) {
        if (auto trained = comparedConfig(workspace, run.root.filename().string())) {
            compared = std::move(trained->experiment);
        }
    }
    return TableConfig{configTexts(*own), groupKey(compared), comparableKey(compared, metrics::kValidationLoss),
                       comparableKey(compared, metrics::kRougeL)};
}

bool areComparable(const TableConfig& one, const TableConfig& other, std::string_view metric)
{
    return metrics::isCost(metric) ||
           (metrics::isPerToken(metric) ? one.lossKey == other.lossKey : one.scoreKey == other.scoreKey);
}

std::string toCsv(std::span<const RunColumn> columns, std::span<const TableRun> runs,
                  std::span<const std::size_t> order, Identified identified)
{
    const bool addsId = identified == Identified::Yes && !isAmong(columns, "id");
    const bool addsSeed = identified == Identified::Yes && !isAmong(columns, kSeedColumn);
    std::vector<std::string> fields;
    if (addsId) {
        fields.emplace_back("id");
    }
    if (addsSeed) {
        fields.emplace_back(kSeedColumn);
    }
    for (const RunColumn& column : columns) {
        fields.push_back(column.id);
    }
    std::string csv = text::csvLine(fields);
    for (const std::size_t place : order) {
        const TableRun& run = runs[place];
        fields.clear();
        if (addsId) {
            fields.push_back(run.row.id);
        }
        if (addsSeed) {
            fields.push_back(std::to_string(run.row.seed));
        }
        for (const RunColumn& column : columns) {
            fields.push_back(exactText(column, valueOf(column, run)));
        }
        csv += text::csvLine(fields);
    }
    return csv;
}

std::string toCsv(std::span<const RunColumn> columns, std::span<const TableRun> runs, std::span<const SeedGroup> groups)
{
    const auto isMetric = [](const RunColumn& column) { return column.source == RunColumn::Source::Metric; };
    std::vector<std::string> fields{"runs", "seeds", "n"};
    for (const RunColumn& column : columns) {
        if (isMetric(column)) {
            for (const char* part : {".mean", ".deviation", ".n"}) {
                fields.push_back(column.id + part);
            }
        } else if (column.id != kSeedColumn) {
            fields.push_back(column.id);
        }
    }
    std::string csv = text::csvLine(fields);
    const RunColumn seed{std::string(kSeedColumn), {}, {}, RunColumn::Source::Run, ColumnKind::Integer, false};
    for (const SeedGroup& group : groups) {
        std::string ids;
        for (const std::size_t run : group.runs) {
            ids += (ids.empty() ? "" : " ") + runs[run].row.id;
        }
        const AveragedRuns averaged = averagedRuns(columns, group, runs);
        fields = {ids, shownText(seed, {}, group, runs),
                  averaged.fewest == averaged.most ? std::to_string(averaged.most) : std::string()};
        for (const RunColumn& column : columns) {
            const GroupValue value = valueOf(column, group, runs);
            if (isMetric(column)) {
                fields.push_back(value.mean ? text::exact(value.mean->mean) : std::string());
                fields.push_back(value.mean && value.mean->count > 1 ? text::exact(value.mean->deviation)
                                                                     : std::string());
                fields.push_back(value.mean ? std::to_string(value.mean->count) : std::string());
            } else if (column.id != kSeedColumn) {
                fields.push_back(value.differs ? "several" : exactText(column, value.shared));
            }
        }
        csv += text::csvLine(fields);
    }
    return csv;
}

} // namespace dskd::jobs
