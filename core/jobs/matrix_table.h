#pragma once

// A matrix as people read it: for the terminal, the window, a paper and a spreadsheet.

#include "core/jobs/matrix.h"
#include "core/jobs/matrix_choices.h"
#include "core/text/table.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

[[nodiscard]] const SpreadRow& rowOf(Spread spread);
[[nodiscard]] std::optional<double> spreadOf(const Summary& value, Spread spread); // none of a single seed

// What a cell without runs shows. A paper and a window have the same marks.
struct EmptyCellRow {
    CellState state;
    std::string_view mark;
    std::string_view ascii;
    std::string_view meaning; // a sentence of the legend
};
inline constexpr EmptyCellRow kEmptyCells[] = {
    {CellState::Missing, "–", "-", "missing."},
    {CellState::Excluded, "·", ".", "left out by the experiment, or no run can have these values together."},
    {CellState::Same, "=", "=", "the field has no effect here; the run stands under \"no effect\"."},
};

// Where a text is to stand: Ascii is a terminal that shows nothing else. A paper has the values of finished runs alone,
// and counts the others in a note.
enum class MatrixStyle { Window, Terminal, Ascii, Paper };

// The texts of one matrix, which must outlive it. All numbers have the same decimals, so that they stand below each
// other; shares are written in per cent.
class MatrixText
{
public:
    MatrixText(const Matrix& matrix, Spread spread, MatrixStyle style);

    [[nodiscard]] std::string metric() const; // "ROUGE-L (best), %"
    // "18.37 ± 0.21", "mixed", "stopped", "–" …, then what the mark, the baseline and other counts than usual add.
    [[nodiscard]] std::string cell(const MatrixCell& cell) const;
    // Its parts, empty where they have no content.
    [[nodiscard]] std::string value(const MatrixCell& cell) const; // "18.37 ± 0.21", without a value "stopped", "–" …
    [[nodiscard]] std::string delta(const MatrixCell& cell) const;  // "+1.20"
    [[nodiscard]] std::string counts(const MatrixCell& cell) const; // "n=2" where others have 3; "1 running, 1 failed"
    // What stands behind a value: of a tie, of runs of a former revision; empty: nothing.
    [[nodiscard]] std::string marks(const MatrixCell& cell) const;
    [[nodiscard]] int usualCount() const { return m_usualCount; } // of seeds; 0: there are no values
    // The legend, a sentence each: spread and n, which test on what, the baseline, what could not be shown.
    [[nodiscard]] std::vector<std::string> notes() const;
    [[nodiscard]] text::Table table() const;

private:
    [[nodiscard]] bool shows(const MatrixCell& cell) const;
    [[nodiscard]] bool countIsUsual(const MatrixCell& cell) const;
    [[nodiscard]] std::string tieMark() const;
    [[nodiscard]] std::string formerMark() const;
    void addFormerNotes(std::vector<std::string>& notes) const;
    [[nodiscard]] std::string number(double value) const;
    [[nodiscard]] std::string rankNote() const;
    [[nodiscard]] std::string emptyCellsNote() const;
    void addHeads(text::Table& table) const;

    const Matrix& m_matrix;
    Spread m_spread;
    MatrixStyle m_style;
    double m_factor = 1.0;
    std::optional<int> m_decimals; // none: numbers of very different size
    int m_usualCount = 0;
};

// "rkl, dual": what a cell has of the fields down and across.
[[nodiscard]] std::string placeText(const Matrix& matrix, std::size_t cell);
// "method", "space": what stands over the values of a field on an axis.
[[nodiscard]] std::string axisTitle(const std::string& field);

// A tabular with booktabs rules and its notes below, in ASCII; pdflatex needs the package booktabs alone.
[[nodiscard]] std::string toLatex(const Matrix& matrix, Spread spread);
// A line a cell, in full precision and in the metric's own unit, with the ids and seeds of the runs that count. `state`
// is a word, "mixed" where runs differ in more than the matrix shows.
[[nodiscard]] std::string toCsv(const Matrix& matrix, Spread spread);

} // namespace dskd::jobs
