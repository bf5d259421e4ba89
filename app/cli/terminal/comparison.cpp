#include "app/cli/terminal/comparison.h"

#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

void printComparison(jobs::ComparisonTable table, bool allMetrics, Console& console)
{
    const text::TerminalStyle style = tableStyle(console);
    const std::size_t all = table.metrics.size();
    const auto asText = [&] {
        text::Table shown = jobs::toTextTable(table, table.rows.size() > 1, !console.utf8);
        shown.mayLeaveOut = true;
        return shown;
    };
    while (!allMetrics && table.metrics.size() > 2 && style.width > 0 &&
           text::fullWidth(asText(), style) > style.width) {
        table.metrics.pop_back();
    }
    console.out << text::toTerminal(asText(), style);
    if (const std::string marks = jobs::markNote(table, "Bold or *", !console.utf8); !marks.empty()) {
        console.out << console.paint(marks, Tone::Muted) << '\n';
    }
    for (const jobs::ComparisonRow& row : table.rows) {
        if (row.runs > row.seeds) {
            console.out << text::terminalLine(row.label) << ": " << text::counted(row.runs, "run") << " of "
                        << text::counted(row.seeds, "seed") << "; a seed counts once, with its first run.\n";
        }
        const bool hasValues = std::any_of(row.cells.begin(), row.cells.end(),
                                           [](const jobs::ComparisonCell& cell) { return cell.value.has_value(); });
        if (row.done == 0 && (row.running > 0 || hasValues)) {
            console.out << text::terminalLine(row.label) << (row.running > 0 ? ": still running" : ": no run is done")
                        << ", so its values are those so far and are the best of nothing.\n";
        }
    }
    if (const std::size_t left = all - table.metrics.size(); left > 0) {
        console.out << text::counted(static_cast<std::int64_t>(left), "more metric") << (left == 1 ? " fits" : " fit")
                    << " a wider terminal; dskd compare --json has all.\n";
    }
}

nlohmann::json testJson(const jobs::PairedTest& test)
{
    return {
        {"pairs_of", test.pairing == jobs::Pairing::Seeds ? "seeds" : "samples"}, {"pairs", test.pairs}, {"p", test.p}};
}

nlohmann::json leftOutJson(const std::vector<jobs::UnreadRun>& runs)
{
    nlohmann::json rows = nlohmann::json::array();
    for (const jobs::UnreadRun& run : runs) {
        rows.push_back({{"run", run.runId}, {"what", run.why.what}, {"hint", run.why.hint}});
    }
    return rows;
}

void printLeftOut(const std::vector<jobs::UnreadRun>& runs, Console& console)
{
    for (const jobs::UnreadRun& run : runs) {
        console.err << text::terminalLine(jobs::leftOutText(run)) << '\n';
    }
}

} // namespace dskd::cli
