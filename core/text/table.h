#pragma once

// A table of text cells: for a terminal (columns aligned, squeezed to a width where that can be) and for LaTeX
// (booktabs).

#include <cstddef>
#include <string>
#include <vector>

namespace dskd::text
{

enum class Align { Left, Right };

// Which columns of a table that is too wide are cut first: details, then names, then ids. None is cut below what
// distinguishes its texts; details and names are where ids, or names, still tell the rows apart and the table is
// too wide.
enum class Worth { Detail, Name, Id };

struct Column {
    std::string title;
    Align align = Align::Left;
    bool shrinks = false; // may be cut, in the middle of its texts
    Worth worth = Worth::Name;
};

struct Cell {
    std::string text;
    bool strong = false; // the best value of its column
};

// A title over several columns.
struct Span {
    std::string title; // may be empty
    std::size_t columns = 1;
};

struct Table {
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;  // shorter rows are filled with empty cells
    std::vector<std::vector<Span>> heads; // lines over the columns' titles, the top one first; each covers all columns
    std::vector<std::size_t> parts;       // rows that begin another part of the table: LaTeX has a rule before them
    // In a terminal columns that do not fit, however much is cut, are left out and named below the table: details, then
    // those that are not cut, the last one first. Otherwise the lines are longer than the terminal is wide.
    bool mayLeaveOut = false;

    void add(std::vector<std::string> cells);
};

struct TerminalStyle {
    int width = 80; // 0: unlimited
    bool utf8 = false;
    bool colors = false; // strong cells bold, the header dim; without colours strong cells get a "*"
};

// Columns of the terminal that the table takes when nothing is cut.
[[nodiscard]] int fullWidth(const Table& table, const TerminalStyle& style);
[[nodiscard]] std::string toTerminal(const Table& table, const TerminalStyle& style);
// \begin{tabular} … \end{tabular} with booktabs rules; strong cells in \textbf, the signs of negative numbers as minus
// signs. In ASCII, of commands that LaTeX and booktabs have.
[[nodiscard]] std::string toLatex(const Table& table);

} // namespace dskd::text
