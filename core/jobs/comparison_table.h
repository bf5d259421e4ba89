#pragma once

// A comparison as a table: the fields that differ, then the metrics; best in bold, differences to the baseline.

#include "core/jobs/compare.h"
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
    bool best = false;                   // of the rows with a run that is done that it can be compared with
};

struct ComparisonRow {
    std::string label;
    std::string student; // name of the student's model folder
    int runs = 0;        // more than seeds where one was run again, which counts once
    int seeds = 0;
    int done = 0;                      // of them; the values are theirs, or of all when none is done
    std::vector<std::string> fields;   // values of differingFields, without JSON quotes
    std::vector<ComparisonCell> cells; // in the order of metrics
    bool baseline = false;             // others are measured against it
};

struct ComparisonTable {
    std::vector<std::string> fields;
    std::vector<std::string> metrics;
    std::vector<ComparisonRow> rows;
};

// `metrics` empty: metrics::headlineMetrics. The baseline of a group is the first group of the same student on the same
// data that was trained by SFT alone, else the first group of that student. What cannot be compared (comparableKey) is
// not ranked against each other.
[[nodiscard]] ComparisonTable comparisonTable(const Comparison& comparison, std::vector<std::string> metrics = {});

// "18.37 ± 0.21", "18.37" for one seed, "-" for none.
[[nodiscard]] std::string summaryText(const std::optional<Summary>& value);

// "3", or "2 of 3 done"; where seeds were run again, "2 (of 4 runs)".
[[nodiscard]] std::string seedsText(const ComparisonRow& row);

// For terminal and LaTeX; `withDeltas` adds a column of differences after each metric that knows better from worse.
[[nodiscard]] text::Table toTextTable(const ComparisonTable& table, bool withDeltas, bool asciiOnly);

} // namespace dskd::jobs
