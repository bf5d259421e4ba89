// A comparison for the terminal, for LaTeX and as CSV.

#include "core/jobs/comparison_table.h"

#include "core/jobs/run_facts.h"
#include "core/metrics/metric_table.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace dskd::jobs
{
namespace
{

using metrics::Better;
using metrics::betterOf;

// A path by its last part where that tells the rows apart as well.
std::string shortField(const ComparisonTable& table, const ComparisonRow& row, std::size_t field)
{
    const auto last = [&](const ComparisonRow& of) {
        const std::filesystem::path path(of.fields[field]);
        return path.is_absolute() && path.has_filename() ? path.filename().string() : of.fields[field];
    };
    const bool ambiguous = std::any_of(table.rows.begin(), table.rows.end(), [&](const ComparisonRow& other) {
        return other.fields[field] != row.fields[field] && last(other) == last(row);
    });
    return ambiguous ? row.fields[field] : last(row);
}

bool measured(const ComparisonTable& table, std::size_t metric)
{
    return std::any_of(table.rows.begin(), table.rows.end(),
                       [&](const ComparisonRow& row) { return row.cells[metric].delta.has_value(); });
}

// What is below a table of a paper: how to read it, and which rows are not what they seem.
std::string notes(const ComparisonTable& table)
{
    const bool severalSeeds = std::any_of(table.rows.begin(), table.rows.end(),
                                          [](const ComparisonRow& row) { return row.seedsCounted.size() > 1; });
    std::vector<std::string> sentences;
    if (severalSeeds) {
        sentences.emplace_back("Mean ± sample standard deviation over seeds.");
    }
    if (std::string marks = markNote(table, "Bold", false); !marks.empty()) {
        sentences.push_back(std::move(marks));
    }
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        const ComparisonRow& row = table.rows[r];
        const bool isReference = std::any_of(table.rows.begin(), table.rows.end(), [&](const ComparisonRow& other) {
            return std::any_of(other.cells.begin(), other.cells.end(),
                               [&](const ComparisonCell& cell) { return cell.delta && cell.baseline == r; });
        });
        if (isReference) {
            sentences.push_back("Δ is the difference to " + row.label + ".");
        }
    }
    for (const ComparisonRow& row : table.rows) {
        if (row.done < row.seeds) {
            sentences.push_back(row.label + ": " + std::to_string(row.done) + " of " + std::to_string(row.seeds) +
                                (row.running > 0 ? " seeds are done, others still run." : " seeds are done."));
        }
    }
    std::string text;
    for (const std::string& sentence : sentences) {
        text += (text.empty() ? "" : " ") + sentence;
    }
    return text;
}

// "18.37 ± 0.21 †"; `missing` where there is no value.
std::string valueText(const std::string& metric, const ComparisonCell& cell, bool asciiOnly, const std::string& missing)
{
    if (!cell.value) {
        return missing;
    }
    std::string value = summaryText(metric, cell.value);
    if (const auto at = value.find("±"); asciiOnly && at != std::string::npos) {
        value.replace(at, std::string("±").size(), "+-");
    }
    return cell.rank.mark == Mark::Tie ? value + " " + tieMark(asciiOnly) : value;
}

} // namespace

text::Table toTextTable(const ComparisonTable& table, bool withDeltas, bool asciiOnly)
{
    const auto deltaTitle = asciiOnly ? "delta" : "Δ";
    text::Table result;
    result.columns = {{"runs", text::Align::Left, true}, {"seeds", text::Align::Right}};
    const auto hasDelta = [&](const std::string& metric) { return withDeltas && betterOf(metric) != Better::Unknown; };
    for (const std::string& metric : table.metrics) {
        result.columns.push_back({metrics::shownTitle(metric), text::Align::Right});
        if (hasDelta(metric)) {
            result.columns.push_back({deltaTitle, text::Align::Right});
        }
    }
    for (const ComparisonRow& row : table.rows) {
        std::vector<text::Cell> cells{{row.label}, {seedsText(row)}};
        for (std::size_t m = 0; m < table.metrics.size(); ++m) {
            const ComparisonCell& cell = row.cells[m];
            cells.push_back({valueText(table.metrics[m], cell, asciiOnly, "-"), cell.rank.mark == Mark::Best});
            if (hasDelta(table.metrics[m])) {
                cells.push_back({row.baseline && cell.value ? "base"
                                 : cell.delta               ? deltaText(table.metrics[m], *cell.delta)
                                                            : "-"});
            }
        }
        result.rows.push_back(std::move(cells));
    }
    return result;
}

std::string toLatex(const ComparisonTable& table)
{
    text::Table result;
    result.columns = {{"runs"}};
    for (const std::string& field : table.fields) {
        result.columns.push_back({fieldTitle(field)});
    }
    result.columns.push_back({"seeds", text::Align::Right});
    for (std::size_t m = 0; m < table.metrics.size(); ++m) {
        result.columns.push_back({metrics::shownTitle(table.metrics[m]), text::Align::Right});
        if (measured(table, m)) {
            result.columns.push_back({"Δ", text::Align::Right});
        }
    }
    const auto missing = [](const std::string& text) { return text.empty() || text == "-" ? std::string("–") : text; };
    for (const ComparisonRow& row : table.rows) {
        std::vector<text::Cell> cells{{row.label}};
        for (std::size_t f = 0; f < table.fields.size(); ++f) {
            cells.push_back({missing(shortField(table, row, f))});
        }
        cells.push_back({std::to_string(row.seedsCounted.size())});
        for (std::size_t m = 0; m < table.metrics.size(); ++m) {
            const ComparisonCell& cell = row.cells[m];
            cells.push_back({valueText(table.metrics[m], cell, false, "–"), cell.rank.mark == Mark::Best});
            if (measured(table, m)) {
                // A missing value is one dash: its difference adds none.
                const std::string none = cell.value ? "–" : "";
                cells.push_back({cell.delta ? deltaText(table.metrics[m], *cell.delta) : none});
            }
        }
        result.rows.push_back(std::move(cells));
    }
    const std::string below = notes(table);
    return text::toLatex(result) +
           (below.empty() ? "" : "\n{\\footnotesize " + text::latex(text::terminalLine(below)) + "\\par}\n");
}

std::string toCsv(const ComparisonTable& table)
{
    std::vector<std::string> line{"runs"};
    line.insert(line.end(), table.fields.begin(), table.fields.end());
    line.insert(line.end(), {"seeds", "done", "running"});
    for (const std::string& metric : table.metrics) {
        for (const char* part :
             {".mean", ".deviation", ".n", ".delta", ".delta_to", ".mark", ".test", ".pairs", ".p"}) {
            line.push_back(metric + part);
        }
    }
    std::string csv = text::csvLine(line);
    const auto textIf = [](bool known, const auto& text) { return known ? text() : std::string(); };
    for (const ComparisonRow& row : table.rows) {
        line = {row.label};
        for (const std::string& value : row.fields) {
            line.push_back(value == "-" ? "" : value);
        }
        for (const int number : {row.seeds, row.done, row.running}) {
            line.push_back(std::to_string(number));
        }
        for (const ComparisonCell& cell : row.cells) {
            const std::optional<Summary>& value = cell.value;
            const std::optional<PairedTest>& test = cell.rank.test;
            line.push_back(textIf(value.has_value(), [&] { return text::exact(value->mean); }));
            line.push_back(textIf(value && value->count > 1, [&] { return text::exact(value->deviation); }));
            line.push_back(textIf(value.has_value(), [&] { return std::to_string(value->count); }));
            line.push_back(textIf(cell.delta.has_value(), [&] { return text::exact(*cell.delta); }));
            line.push_back(textIf(cell.delta.has_value(), [&] { return table.rows[*cell.baseline].label; }));
            line.emplace_back(name(cell.rank.mark));
            line.push_back(textIf(test.has_value(), [&] { return std::string(name(*test)); }));
            line.push_back(textIf(test.has_value(), [&] { return std::to_string(test->pairs); }));
            line.push_back(textIf(test.has_value(), [&] { return text::exact(test->p); }));
        }
        csv += text::csvLine(line);
    }
    return csv;
}

} // namespace dskd::jobs
