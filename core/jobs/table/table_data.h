#pragma once

// What a table of runs reads of their folders, and the table as a file. Any thread.

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/jobs/table/run_columns.h"
#include "core/jobs/table/seed_groups.h"
#include "core/store/workspace_db.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace dskd::jobs
{

// Of a run's frozen configuration.
struct TableConfig {
    ConfigTexts texts;
    // Of what a comparison describes it by (comparedConfig): which runs differ in the seed alone, and comparableKey of
    // losses per token and of other scores.
    std::string groupKey;
    std::string lossKey = {};
    std::string scoreKey = {};
};
Result<TableConfig> readTableConfig(store::WorkspaceDb& workspace, const RunLayout& run);
// Whether their values of the metric may be compared.
[[nodiscard]] bool areComparable(const TableConfig& one, const TableConfig& other, std::string_view metric);

enum class Identified { No, Yes };

// Runs in this order with full precision, under the ids of the columns. Identified: the run's id and its seed come
// first where they are not among them.
[[nodiscard]] std::string toCsv(std::span<const RunColumn> columns, std::span<const TableRun> runs,
                                std::span<const std::size_t> order, Identified identified = Identified::Yes);
// Groups: the ids of their runs, their seeds, n (averagedRuns; empty where the columns differ), and the columns; of
// metrics mean, deviation and n in columns of their own.
[[nodiscard]] std::string toCsv(std::span<const RunColumn> columns, std::span<const TableRun> runs,
                                std::span<const SeedGroup> groups);

} // namespace dskd::jobs
