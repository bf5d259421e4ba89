#include "core/jobs/matrix_table.h"

#include "core/config/methods/method_table.h"
#include "core/jobs/run_facts.h"
#include "core/metrics/metric_table.h"
#include "core/score/significance.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace dskd::jobs
{
namespace
{

// Four significant digits of the largest value, for all; none where so fixed numbers would be unreadable.
std::optional<int> decimalsOf(const Matrix& matrix, double factor)
{
    double largest = 0.0;
    for (const MatrixCell& cell : matrix.cells) {
        if (cell.value && std::isfinite(cell.value->mean)) {
            largest = std::max(largest, std::abs(cell.value->mean * factor));
        }
    }
    constexpr int kDigits = 4;
    constexpr int kSmallest = -3; // powers of ten
    constexpr int kGreatest = 7;
    const int exponent = largest > 0.0 ? static_cast<int>(std::floor(std::log10(largest))) : 0;
    return exponent < kSmallest || exponent >= kGreatest ? std::nullopt
                                                         : std::optional(std::max(0, kDigits - 1 - exponent));
}

// The count that most values have; the greater one of two that are as frequent.
int usualCountOf(const Matrix& matrix)
{
    std::map<int, int> frequency;
    for (const MatrixCell& cell : matrix.cells) {
        if (cell.value) {
            ++frequency[cell.value->count];
        }
    }
    int usual = 0;
    for (const auto& [count, times] : frequency) {
        usual = usual == 0 || times >= frequency[usual] ? count : usual;
    }
    return usual;
}

std::string joined(const std::vector<std::string>& texts, const std::string& between)
{
    std::string all;
    for (const std::string& text : texts) {
        all += (all.empty() || text.empty() ? "" : between) + text;
    }
    return all;
}

template <typename Condition>
std::size_t numCells(const Matrix& matrix, const Condition& condition)
{
    return static_cast<std::size_t>(std::count_if(matrix.cells.begin(), matrix.cells.end(), condition));
}

// nullptr: a cell with runs.
const EmptyCellRow* emptyCell(CellState state)
{
    const auto* row = std::find_if(std::begin(kEmptyCells), std::end(kEmptyCells),
                                   [&](const EmptyCellRow& each) { return each.state == state; });
    return row == std::end(kEmptyCells) ? nullptr : row;
}

} // namespace

const SpreadRow& rowOf(Spread spread)
{
    return *std::find_if(std::begin(kSpreads), std::end(kSpreads),
                         [&](const SpreadRow& row) { return row.spread == spread; });
}

std::optional<double> spreadOf(const Summary& value, Spread spread)
{
    if (value.count < 2) {
        return std::nullopt;
    }
    switch (spread) {
    case Spread::Deviation: return value.deviation;
    case Spread::Error: return score::standardError(value.deviation, value.count);
    case Spread::Interval: return score::intervalHalfWidth(value.deviation, value.count);
    }
    return std::nullopt;
}

std::string placeText(const Matrix& matrix, std::size_t cell)
{
    std::vector<std::string> values = matrix.rows[cell / matrix.columns.size()];
    const std::vector<std::string>& across = matrix.columns[cell % matrix.columns.size()];
    values.insert(values.end(), across.begin(), across.end());
    return joined(values, ", ");
}

std::string axisTitle(const std::string& field)
{
    return field == config::kMethodByName ? field : fieldTitle(field);
}

MatrixText::MatrixText(const Matrix& matrix, Spread spread, MatrixStyle style)
    : m_matrix(matrix), m_spread(spread), m_style(style), m_factor(metrics::shownFactor(matrix.metric)),
      m_decimals(decimalsOf(matrix, m_factor)), m_usualCount(usualCountOf(matrix))
{
}

std::string MatrixText::metric() const
{
    return metrics::shownTitle(m_matrix.metric);
}

std::string MatrixText::number(double value) const
{
    return m_decimals ? text::fixed(value * m_factor, *m_decimals) : text::number(value * m_factor);
}

// A paper has no values of runs that went on.
bool MatrixText::shows(const MatrixCell& cell) const
{
    return cell.value && (m_style != MatrixStyle::Paper || cell.seeds.done > 0);
}

bool MatrixText::countIsUsual(const MatrixCell& cell) const
{
    return cell.value && cell.value->count == m_usualCount;
}

std::string MatrixText::tieMark() const
{
    return jobs::tieMark(m_style == MatrixStyle::Ascii);
}

std::string MatrixText::formerMark() const
{
    return m_style == MatrixStyle::Ascii ? "^" : "‡";
}

std::string MatrixText::marks(const MatrixCell& cell) const
{
    return joined(
        {shows(cell) && cell.rank.mark == Mark::Tie ? tieMark() : "", hasFormerRuns(cell) ? formerMark() : ""}, " ");
}

std::string MatrixText::value(const MatrixCell& cell) const
{
    if (shows(cell)) {
        const std::optional<double> spread = spreadOf(*cell.value, m_spread);
        const std::string between = m_style == MatrixStyle::Ascii ? " +- " : " ± ";
        return number(cell.value->mean) + (spread ? between + number(*spread) : "");
    }
    if (!cell.mixed.empty()) {
        return "mixed";
    }
    if (isPlanned(cell) && m_style != MatrixStyle::Paper) {
        return std::string(kPlanned);
    }
    const EmptyCellRow* empty = emptyCell(cell.state);
    if (empty == nullptr && m_style == MatrixStyle::Paper) {
        empty = emptyCell(CellState::Missing); // a note counts the runs that go on
    }
    if (empty != nullptr) {
        return std::string(m_style == MatrixStyle::Ascii ? empty->ascii : empty->mark);
    }
    return cell.state == CellState::Done ? "no value" : std::string(name(cell.state));
}

std::string MatrixText::delta(const MatrixCell& cell) const
{
    if (!cell.delta || !shows(cell)) {
        return {};
    }
    return (*cell.delta > 0 ? "+" : "") + number(*cell.delta);
}

std::string MatrixText::counts(const MatrixCell& cell) const
{
    std::vector<std::string> parts;
    if (shows(cell) && !countIsUsual(cell)) {
        parts.push_back("n=" + std::to_string(cell.value->count));
    }
    const bool wordSaysIt = !cell.value && cell.mixed.empty(); // "running"
    for (const StateCount& each : unfinished(cell.seeds)) {
        if (m_style != MatrixStyle::Paper && !(wordSaysIt && each.state == cell.state)) {
            parts.push_back(std::to_string(each.count) + " " + std::string(name(each.state)));
        }
    }
    return joined(parts, ", ");
}

std::string MatrixText::cell(const MatrixCell& cell) const
{
    std::string text = joined({value(cell), marks(cell)}, " ");
    for (const std::string& more : {delta(cell), counts(cell)}) {
        text += more.empty() ? "" : " (" + more + ")";
    }
    return text;
}

std::string MatrixText::rankNote() const
{
    const bool whole = m_matrix.within == BestWithin::Table || m_matrix.columns.size() == 1 ||
                       (m_matrix.within == BestWithin::ColumnGroup && m_matrix.columnFields.size() == 1);
    const BestWithin within = whole ? BestWithin::Table : m_matrix.within;
    const auto* where = std::find_if(std::begin(kWithins), std::end(kWithins),
                                     [&](const WithinRow& row) { return row.within == within; });
    const bool hasBold = m_style == MatrixStyle::Paper || m_style == MatrixStyle::Window;
    std::vector<const Rank*> ranks;
    ranks.reserve(m_matrix.cells.size());
    for (const MatrixCell& cell : m_matrix.cells) {
        ranks.push_back(&cell.rank);
    }
    return jobs::rankNote(ranks, {hasBold ? "Bold" : "Bold or *", tieMark(), std::string(where->title)});
}

// "–: missing. =: …": the marks that the table has.
std::string MatrixText::emptyCellsNote() const
{
    std::vector<std::string> meanings;
    const auto hasMark = [this](const MatrixCell& cell, CellState state) {
        return cell.state == state && (m_style == MatrixStyle::Paper || !isPlanned(cell)); // a word stands there
    };
    for (const EmptyCellRow& row : kEmptyCells) {
        if (numCells(m_matrix, [&](const MatrixCell& cell) { return hasMark(cell, row.state); }) > 0) {
            meanings.push_back(std::string(m_style == MatrixStyle::Ascii ? row.ascii : row.mark) + ": " +
                               std::string(row.meaning));
        }
    }
    return joined(meanings, " ");
}

void MatrixText::addFormerNotes(std::vector<std::string>& notes) const
{
    if (numCells(m_matrix, hasFormerRuns) > 0) {
        notes.push_back(formerMark() + ": has runs of a former revision of the experiment.");
    }
    if (const std::size_t count = m_matrix.formerRuns.size(); count > 0 && m_style != MatrixStyle::Paper) {
        notes.push_back(text::counted(static_cast<std::int64_t>(count), "run of a former revision is",
                                      "runs of former revisions are") +
                        " not shown.");
    }
}

std::vector<std::string> MatrixText::notes() const
{
    std::vector<std::string> notes;
    const auto add = [&](std::string note) {
        if (!note.empty()) {
            notes.push_back(std::move(note));
        }
    };
    const bool others =
        numCells(m_matrix, [&](const MatrixCell& cell) { return shows(cell) && !countIsUsual(cell); }) > 0;
    const bool leavesOut = // a cell of the window always has its n
        m_style != MatrixStyle::Window &&
        numCells(m_matrix, [&](const MatrixCell& cell) { return shows(cell) && countIsUsual(cell); }) > 0;
    if (m_usualCount > 1 || others) {
        add("Mean " + std::string(m_style == MatrixStyle::Ascii ? "+-" : "±") + " " +
            std::string(rowOf(m_spread).title) + " over " +
            (others && !leavesOut
                 ? "the n seeds of each value."
                 : "n = " + text::counted(m_usualCount, "seed") + (others ? " where no other n is given." : ".")));
    } else if (m_usualCount == 1) {
        add("One seed each.");
    }
    add(rankNote());
    if (numCells(m_matrix, [this](const MatrixCell& cell) { return !delta(cell).empty(); }) > 0) {
        std::vector<std::string> values;
        for (const auto& [field, value] : m_matrix.baseline) {
            values.push_back(axisTitle(field) + " = " + value);
        }
        add((m_style == MatrixStyle::Window ? "Below: the difference to " : "In parentheses: the difference to ") +
            joined(values, ", ") + ".");
    }
    std::set<std::string> mixed;
    for (const MatrixCell& cell : m_matrix.cells) {
        mixed.insert(cell.mixed.begin(), cell.mixed.end());
    }
    if (!mixed.empty()) {
        add("Mixed: the runs differ in " + joined({mixed.begin(), mixed.end()}, ", ") +
            " too, so they have no mean. Put that down or across, or show fewer runs.");
    }
    add(emptyCellsNote());
    addFormerNotes(notes);
    const std::size_t goingOn = numCells(m_matrix, [](const MatrixCell& cell) {
        return cell.seeds.done == 0 && (cell.state == CellState::Running || cell.state == CellState::Queued ||
                                        cell.state == CellState::Created);
    });
    if (m_style == MatrixStyle::Paper && goingOn > 0) {
        add("The runs of " + text::counted(static_cast<std::int64_t>(goingOn), "value") + " (–) had not ended yet.");
    }
    if (m_style != MatrixStyle::Paper && !m_matrix.differingFacts.empty()) {
        std::vector<std::string> titles;
        std::transform(m_matrix.differingFacts.begin(), m_matrix.differingFacts.end(), std::back_inserter(titles),
                       fieldTitle);
        add("The runs differ in what they were made of or on: " + joined(titles, ", ") + ".");
    }
    std::size_t missing = 0;
    for (const MatrixCell& cell : m_matrix.cells) {
        missing += cell.missing.size();
    }
    if (m_style != MatrixStyle::Paper && missing > 0) {
        add(text::counted(static_cast<std::int64_t>(missing), "planned run is", "planned runs are") + " missing.");
    }
    return notes;
}

void MatrixText::addHeads(text::Table& table) const
{
    const std::size_t numFields = m_matrix.columnFields.size();
    if (numFields == 0) {
        return;
    }
    std::vector<std::string> titles;
    for (const std::string& field : m_matrix.columnFields) {
        titles.push_back(axisTitle(field));
    }
    std::vector<text::Span> labels;
    if (!m_matrix.rowFields.empty()) {
        labels.push_back({"", m_matrix.rowFields.size()});
    }
    table.heads.push_back(labels);
    table.heads.back().push_back({metric() + ", by " + joined(titles, " and "), m_matrix.columns.size()});
    for (std::size_t level = 0; level + 1 < numFields; ++level) {
        std::vector<text::Span> head = labels;
        for (std::size_t c = 0; c < m_matrix.columns.size(); ++c) {
            const auto& values = m_matrix.columns[c];
            const auto end = values.begin() + static_cast<std::ptrdiff_t>(level) + 1;
            if (c > 0 && std::equal(values.begin(), end, m_matrix.columns[c - 1].begin())) {
                ++head.back().columns;
            } else {
                head.push_back({values[level], 1});
            }
        }
        table.heads.push_back(std::move(head));
    }
}

text::Table MatrixText::table() const
{
    text::Table table;
    for (const std::string& field : m_matrix.rowFields) {
        table.columns.push_back({axisTitle(field), text::Align::Left, true});
    }
    for (const std::vector<std::string>& values : m_matrix.columns) {
        table.columns.push_back({values.empty() ? metric() : values.back(), text::Align::Right});
    }
    addHeads(table);
    for (std::size_t r = 0; r < m_matrix.rows.size(); ++r) {
        const std::vector<std::string>& labels = m_matrix.rows[r];
        std::vector<text::Cell> cells;
        bool repeats = r > 0; // what the row above shows already is left out, but for the last label
        for (std::size_t f = 0; f < labels.size(); ++f) {
            repeats = repeats && f + 1 < labels.size() && labels[f] == m_matrix.rows[r - 1][f];
            cells.push_back({repeats ? "" : labels[f]});
        }
        if (r > 0 && labels.size() > 1 && labels.front() != m_matrix.rows[r - 1].front()) {
            table.parts.push_back(r);
        }
        for (std::size_t c = 0; c < m_matrix.columns.size(); ++c) {
            const MatrixCell& cell = m_matrix.cell(r, c);
            cells.push_back({this->cell(cell), cell.rank.mark == Mark::Best});
        }
        table.rows.push_back(std::move(cells));
    }
    return table;
}

} // namespace dskd::jobs
