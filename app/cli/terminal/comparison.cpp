#include "app/cli/terminal/comparison.h"

#include "core/jobs/comparison_table.h"
#include "core/text/escape.h"

namespace dskd::cli
{

void printComparison(const jobs::Comparison& comparison, const std::vector<std::string>& metrics, Console& console)
{
    const text::TerminalStyle style = tableStyle(console);
    jobs::ComparisonTable table = jobs::comparisonTable(comparison, metrics);
    const std::size_t all = table.metrics.size();
    const auto asText = [&] { return jobs::toTextTable(table, table.rows.size() > 1, !console.utf8); };
    while (metrics.empty() && table.metrics.size() > 2 && style.width > 0 &&
           text::fullWidth(asText(), style) > style.width) {
        table.metrics.pop_back();
    }
    console.out << text::toTerminal(asText(), style);
    for (const jobs::ComparisonRow& row : table.rows) {
        if (row.runs > row.seeds) {
            console.out << text::terminalLine(row.label) << ": " << row.runs << " runs of " << row.seeds
                        << (row.seeds == 1 ? " seed" : " seeds") << "; a seed counts once, with its first run.\n";
        }
    }
    if (const std::size_t left = all - table.metrics.size(); left > 0) {
        console.out << left << " more metric" << (left == 1 ? "" : "s")
                    << " fit a wider terminal; dskd compare --json has all.\n";
    }
}

void printLeftOut(const std::vector<jobs::UnreadRun>& runs, Console& console)
{
    for (const jobs::UnreadRun& run : runs) {
        console.err << "Left out: " << text::terminalLine(run.runId + ": " + run.why.text()) << '\n';
    }
}

} // namespace dskd::cli
