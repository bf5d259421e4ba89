// A matrix as LaTeX and CSV.

#include "core/jobs/matrix_table.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

namespace dskd::jobs
{
namespace
{

std::string exact(const std::optional<double>& value)
{
    return value ? text::exact(*value) : std::string();
}

} // namespace

std::string toLatex(const Matrix& matrix, Spread spread)
{
    const MatrixText texts(matrix, spread, MatrixStyle::Paper);
    std::string notes;
    for (const std::string& note : texts.notes()) {
        notes += (notes.empty() ? "" : " ") + text::latex(text::terminalLine(note));
    }
    return "% needs \\usepackage{booktabs}\n" + text::toLatex(texts.table()) +
           (notes.empty() ? "" : "\\par\\smallskip\\noindent\\parbox{\\linewidth}{\\footnotesize " + notes + "}\n");
}

std::string toCsv(const Matrix& matrix, Spread spread)
{
    std::vector<std::string> line = matrix.rowFields;
    line.insert(line.end(), matrix.columnFields.begin(), matrix.columnFields.end());
    for (const std::string_view title :
         {std::string_view("metric"), std::string_view("mean"), rowOf(spread).name, std::string_view("n"),
          std::string_view("delta"), std::string_view("mark"), std::string_view("test"), std::string_view("pairs"),
          std::string_view("p"), std::string_view("state"), std::string_view("missing"), std::string_view("runs"),
          std::string_view("seeds"), std::string_view("same_as")}) {
        line.emplace_back(title);
    }
    std::string csv = text::csvLine(line);
    for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
        const MatrixCell& cell = matrix.cells[i];
        line = matrix.rows[i / matrix.columns.size()];
        const auto& across = matrix.columns[i % matrix.columns.size()];
        line.insert(line.end(), across.begin(), across.end());
        std::string runs;
        std::string seeds;
        for (const MatrixRun& run : cell.runs) {
            if (run.counted && run.value) {
                runs += (runs.empty() ? "" : " ") + run.runId;
                seeds += (seeds.empty() ? "" : " ") + std::to_string(run.seed);
            }
        }
        const auto& test = cell.rank.test;
        line.insert(line.end(),
                    {matrix.metric, cell.value ? text::exact(cell.value->mean) : std::string(),
                     cell.value ? exact(spreadOf(*cell.value, spread)) : std::string(),
                     cell.value ? std::to_string(cell.value->count) : std::string(), exact(cell.delta),
                     std::string(name(cell.rank.mark)), test ? std::string(name(*test)) : std::string(),
                     test ? std::to_string(test->pairs) : std::string(), test ? text::exact(test->p) : std::string(),
                     cell.mixed.empty() ? std::string(name(cell.state)) : "mixed", std::to_string(cell.missing.size()),
                     runs, seeds, cell.sameAs ? placeText(matrix, *cell.sameAs) : std::string()});
        csv += text::csvLine(line);
    }
    return csv;
}

} // namespace dskd::jobs
