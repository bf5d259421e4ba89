#pragma once

// A comparison as a table: the fields that differ, then the metrics; the best value by a test, differences to the
// baseline.

#include "core/jobs/compare.h"
#include "core/jobs/ranking.h"
#include "core/text/table.h"

#include <optional>
#include <string>
#include <vector>

namespace dskd::jobs
{

struct ComparisonCell {
    std::optional<Summary> value;        // none: no run of the group has it
    std::optional<double> delta;         // to the baseline's mean; none for the baseline itself
    std::optional<std::size_t> baseline; // the row that the value is measured against, when there is one
    Rank rank = {};                      // among the rows with a run that is done that it can be compared with
};

struct ComparisonRow {
    std::string label;
    std::string student; // name of the student's model folder
    int runs = 0;        // more than seeds where one was run again, which counts once
    int seeds = 0;
    int done = 0;                      // of them; the values are theirs, or of all when none is done
    std::vector<std::string> fields;   // values of the table's fields, without JSON quotes; "-" where there is none
    std::vector<ComparisonCell> cells; // in the order of metrics
    bool baseline = false;             // others are measured against it
    int running = 0;                   // runs with a living worker; a row of nothing else is the best of nothing
    std::vector<std::uint64_t> seedsCounted = {}; // whose values are averaged, ascending
};

struct ComparisonTable {
    std::vector<std::string> fields; // configuration fields that differ, then facts (run_facts.h) that differ
    std::vector<std::string> metrics;
    std::vector<ComparisonRow> rows;
};

// `metrics` empty: metrics::headlineMetrics. `baseline`: the place of the group that all others are measured against,
// in the metrics in which they can be compared with it. Without it the baseline of a group is the first group of the
// same student on the same data that was trained by SFT alone, else the first group of that student; one with a done
// run comes before all that have none. Values are ranked as rankGroups does; the answers of runs are read for that
// where seeds are few.
[[nodiscard]] ComparisonTable comparisonTable(const Comparison& comparison, std::vector<std::string> metrics = {},
                                              std::optional<std::size_t> baseline = std::nullopt);

// "18.37 ± 0.21", "18.37" for one seed, "-" for none; shares in per cent.
[[nodiscard]] std::string summaryText(const std::string& metric, const std::optional<Summary>& value);
// All its digits with the unit, for reading: "31.25 %", "2.718281828".
[[nodiscard]] std::string preciseText(const std::string& metric, double value);
// So a difference of two values: "+1.25 percentage points", for "1.25 %" would be read as a part of one; "-0.125".
[[nodiscard]] std::string preciseDelta(const std::string& metric, double delta);
// "+1.20", in the same unit.
[[nodiscard]] std::string deltaText(const std::string& metric, double delta);

// What the marks of the table mean, which tests were made on how many pairs, or why there are none (rankNote). Empty
// where nothing is ranked.
[[nodiscard]] std::string markNote(const ComparisonTable& table, const std::string& bold, bool asciiOnly);

// "3", or "2 of 3 done", "2 of 3 done, 1 running"; where seeds were run again, "2 (of 4 runs)".
[[nodiscard]] std::string seedsText(const ComparisonRow& row);

// For the terminal, whose fields stand in a table of their own; `withDeltas` adds a column of differences after each
// metric with a better direction.
[[nodiscard]] text::Table toTextTable(const ComparisonTable& table, bool withDeltas, bool asciiOnly);

// A tabular with booktabs rules: the fields that differ, the number of seeds, the metrics with their differences. What
// is no value stands below it: what is averaged, what the differences are to, which rows are not complete.
[[nodiscard]] std::string toLatex(const ComparisonTable& table);

// mean, deviation, n, delta, mark, test, pairs, p in columns of their own with full precision, behind the fields;
// missing values are empty.
[[nodiscard]] std::string toCsv(const ComparisonTable& table);

} // namespace dskd::jobs
