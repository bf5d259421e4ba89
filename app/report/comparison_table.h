#pragma once

// A comparison as a table: the fields that differ, then the metrics; best in bold, differences to the baseline.

#include "app/text/table.h"
#include "core/jobs/compare.h"

#include <optional>
#include <string>
#include <vector>

namespace dskd::report
{

struct ComparisonCell {
    std::optional<jobs::Summary> value; // none: no run of the group has it
    std::optional<double> delta;        // to the baseline's mean; none for the baseline itself
    bool best = false;
};

struct ComparisonRow {
    std::string label;
    int seeds = 0;
    std::vector<std::string> fields;   // values of differingFields, without JSON quotes
    std::vector<ComparisonCell> cells; // in the order of metrics
    bool baseline = false;
};

struct ComparisonTable {
    std::vector<std::string> fields;
    std::vector<std::string> metrics;
    std::vector<ComparisonRow> rows;
};

// `metrics` empty: tellingMetrics. The baseline is the first group trained by SFT alone, else the first group.
[[nodiscard]] ComparisonTable comparisonTable(const jobs::Comparison& comparison,
                                              std::vector<std::string> metrics = {});

// "18.37 ± 0.21", "18.37" for one seed, "-" for none.
[[nodiscard]] std::string summaryText(const std::optional<jobs::Summary>& value);

// For terminal and LaTeX; `withDeltas` adds a column of differences after each metric that knows better from worse.
[[nodiscard]] text::Table toTextTable(const ComparisonTable& table, bool withDeltas, bool asciiOnly);

} // namespace dskd::report
