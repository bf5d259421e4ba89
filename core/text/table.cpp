#include "core/text/table.h"

#include "core/base/utf8.h"
#include "core/text/columns.h"
#include "core/text/escape.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <optional>
#include <set>

namespace dskd::text
{

namespace
{

constexpr int kGap = 2;       // columns between two table columns
constexpr int kNarrowest = 8; // a shrinking column is not cut below this
constexpr const char* kBold = "\033[1m";
constexpr const char* kDim = "\033[2m";
constexpr const char* kReset = "\033[0m";

const Cell& cellAt(const std::vector<Cell>& row, std::size_t column)
{
    static const Cell empty;
    return column < row.size() ? row[column] : empty;
}

std::string shown(const Cell& cell, const TerminalStyle& style)
{
    return terminalLine(cell.text) + (cell.strong && !style.colors ? "*" : "");
}

// Terminal columns of `count` table columns from `first` on, with the gaps between them.
int spanWidth(const std::vector<int>& widths, std::size_t first, std::size_t count)
{
    const auto begin = widths.begin() + static_cast<std::ptrdiff_t>(first);
    return std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(count), kGap * (static_cast<int>(count) - 1));
}

// Widens columns, each the last under a title that needs more room.
void fitHeads(const Table& table, std::vector<int>& widths)
{
    for (const std::vector<Span>& head : table.heads) {
        std::size_t column = 0;
        for (const Span& span : head) {
            const int lacking = displayWidth(terminalLine(span.title)) - spanWidth(widths, column, span.columns);
            column += span.columns;
            widths[column - 1] += std::max(0, lacking);
        }
    }
}

// The fewest columns of the terminal in which the column's texts still differ where they do in full.
int tellingWidth(const Table& table, std::size_t column, const TerminalStyle& style, int full)
{
    std::set<std::string> texts;
    for (const auto& row : table.rows) {
        texts.insert(shown(cellAt(row, column), style));
    }
    const auto tells = [&](int width) {
        std::set<std::string> cut;
        for (const std::string& text : texts) {
            cut.insert(elideMiddle(text, width, !style.utf8));
        }
        return cut.size() == texts.size();
    };
    int least = std::min(kNarrowest, full);
    int enough = full;
    while (least < enough) {
        const int middle = least + (enough - least) / 2;
        if (tells(middle)) {
            enough = middle;
        } else {
            least = middle + 1;
        }
    }
    return enough;
}

// Takes `excess` columns of the terminal from those columns that may shrink, as far as that goes.
void shrink(const Table& table, const TerminalStyle& style, std::vector<int>& widths, int excess)
{
    // From the widest of these, one by one.
    const auto take = [&](Worth worth, const std::vector<int>& least) {
        while (excess > 0) {
            std::optional<std::size_t> widest;
            for (std::size_t c = 0; c < widths.size(); ++c) {
                const bool may = table.columns[c].shrinks && table.columns[c].worth == worth && widths[c] > least[c];
                if (may && (!widest || widths[c] > widths[*widest])) {
                    widest = c;
                }
            }
            if (!widest) {
                return;
            }
            --widths[*widest];
            --excess;
        }
    };
    std::vector<int> telling;
    Worth most = Worth::Detail;
    for (std::size_t c = 0; c < widths.size(); ++c) {
        const Column& column = table.columns[c];
        telling.push_back(column.shrinks ? tellingWidth(table, c, style, widths[c]) : widths[c]);
        most = column.shrinks ? std::max(most, column.worth) : most;
    }
    for (const Worth worth : {Worth::Detail, Worth::Name, Worth::Id}) {
        take(worth, telling);
    }
    const std::vector<int> narrowest(widths.size(), kNarrowest);
    for (const Worth worth : {Worth::Detail, Worth::Name}) {
        if (worth < most) { // the rows are told apart by others
            take(worth, narrowest);
        }
    }
}

std::vector<int> columnWidths(const Table& table, const TerminalStyle& style)
{
    std::vector<int> widths;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        int width = displayWidth(terminalLine(table.columns[c].title));
        for (const auto& row : table.rows) {
            width = std::max(width, displayWidth(shown(cellAt(row, c), style)));
        }
        widths.push_back(width);
    }
    fitHeads(table, widths);
    const int total = spanWidth(widths, 0, widths.size());
    if (style.width > 0 && total > style.width) {
        shrink(table, style, widths, total - style.width);
    }
    return widths;
}

std::string spaces(int count)
{
    return std::string(static_cast<std::size_t>(std::max(0, count)), ' ');
}

std::string inCode(const std::string& text, const char* code)
{
    return code != nullptr && !text.empty() ? code + text + kReset : text;
}

// The titles in the middle of what they stand over.
std::string headLine(const std::vector<Span>& head, const std::vector<int>& widths, const TerminalStyle& style)
{
    std::string text;
    std::size_t column = 0;
    for (const Span& span : head) {
        const int width = spanWidth(widths, column, span.columns);
        const std::string title = elide(terminalLine(span.title), width, !style.utf8);
        const int left = (width - displayWidth(title)) / 2;
        text += (column > 0 ? spaces(kGap) : "") + spaces(left) + inCode(title, style.colors ? kDim : nullptr) +
                spaces(width - displayWidth(title) - left);
        column += span.columns;
    }
    return text;
}

int widthOf(const Table& table, const TerminalStyle& style)
{
    const std::vector<int> widths = columnWidths(table, style);
    return spanWidth(widths, 0, widths.size());
}

// The column that the table does without first; never the first one. REQUIRES: there are two.
std::size_t leastWorth(const Table& table)
{
    const auto last = [&](const auto& isOne) {
        std::size_t column = table.columns.size() - 1;
        while (column > 0 && !isOne(table.columns[column])) {
            --column;
        }
        return column; // 0: none
    };
    const std::size_t detail =
        last([](const Column& column) { return column.shrinks && column.worth == Worth::Detail; });
    const std::size_t whole = last([](const Column& column) { return !column.shrinks; });
    return detail > 0 ? detail : whole > 0 ? whole : table.columns.size() - 1;
}

void takeOut(Table& table, std::size_t column)
{
    const auto at = [&](auto& list) { return list.begin() + static_cast<std::ptrdiff_t>(column); };
    table.columns.erase(at(table.columns));
    for (std::vector<Cell>& row : table.rows) {
        if (column < row.size()) {
            row.erase(at(row));
        }
    }
    for (std::vector<Span>& head : table.heads) {
        std::size_t end = 0;
        const auto span =
            std::find_if(head.begin(), head.end(), [&](const Span& one) { return column < (end += one.columns); });
        if (span != head.end() && --span->columns == 0) {
            head.erase(span);
        }
    }
    std::erase_if(table.heads, [](const std::vector<Span>& head) {
        return std::all_of(head.begin(), head.end(), [](const Span& span) { return span.title.empty(); });
    });
}

// "Left out, for a wider terminal: group, method." in lines that fit.
std::string leftOutNote(const std::vector<std::string>& titles, int width)
{
    std::string note = "Left out, for a wider terminal:";
    int used = displayWidth(note);
    for (std::size_t i = 0; i < titles.size(); ++i) {
        const std::string word = terminalLine(titles[i]) + (i + 1 < titles.size() ? "," : ".");
        const int needed = displayWidth(word) + 1;
        const bool breaks = used + needed > width;
        note += (breaks ? "\n" : " ") + word;
        used = breaks ? needed - 1 : used + needed;
    }
    return note + "\n";
}

// A line of titles over several columns, and a rule below each.
std::string latexHead(const std::vector<Span>& head)
{
    std::string line;
    std::string rules;
    std::size_t column = 1;
    for (const Span& span : head) {
        const std::string title = latex(terminalLine(span.title));
        line += column > 1 ? " & " : "";
        line += span.columns == 1 ? title : "\\multicolumn{" + std::to_string(span.columns) + "}{c}{" + title + "}";
        if (!title.empty()) {
            rules +=
                "\\cmidrule(lr){" + std::to_string(column) + "-" + std::to_string(column + span.columns - 1) + "}\n";
        }
        column += span.columns;
    }
    return line + " \\\\\n" + rules;
}

// "-1.30" with a minus sign. A hyphen within a word or a number ("gpt-2", "1e-06") stays.
std::string withMinusSigns(const std::string& text)
{
    const auto inWord = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-' ||
               isContinuationByte(c);
    };
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool beforeDigit = i + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0;
        const bool isSign = text[i] == '-' && beforeDigit && (i == 0 || !inWord(text[i - 1]));
        result += isSign ? std::string("\u2212") : std::string(1, text[i]);
    }
    return result;
}

} // namespace

void Table::add(std::vector<std::string> cells)
{
    std::vector<Cell> row;
    row.reserve(cells.size());
    for (auto& cell : cells) {
        row.push_back({std::move(cell)});
    }
    rows.push_back(std::move(row));
}

int fullWidth(const Table& table, const TerminalStyle& style)
{
    const std::vector<int> widths = columnWidths(table, {0, style.utf8, style.colors});
    const int gaps = kGap * std::max(0, static_cast<int>(widths.size()) - 1);
    return std::accumulate(widths.begin(), widths.end(), gaps);
}

std::string toTerminal(const Table& table, const TerminalStyle& style)
{
    if (table.mayLeaveOut && style.width > 0 && widthOf(table, style) > style.width) {
        Table kept = table;
        kept.mayLeaveOut = false;
        std::vector<std::string> titles;
        while (kept.columns.size() > 1 && widthOf(kept, style) > style.width) {
            const std::size_t column = leastWorth(kept);
            titles.push_back(kept.columns[column].title);
            takeOut(kept, column);
        }
        return toTerminal(kept, style) + (titles.empty() ? "" : leftOutNote(titles, style.width));
    }
    const std::vector<int> widths = columnWidths(table, style);
    std::string result;
    const auto add = [&](std::string text) {
        text.erase(text.find_last_not_of(' ') + 1);
        result += text + "\n";
    };
    for (const std::vector<Span>& head : table.heads) {
        add(headLine(head, widths, style));
    }
    const auto line = [&](const auto& textOf, const auto& codeOf) {
        std::string text;
        for (std::size_t c = 0; c < widths.size(); ++c) {
            const std::string cell = elideMiddle(textOf(c), widths[c], !style.utf8);
            const std::string padding = spaces(widths[c] - displayWidth(cell));
            const std::string painted = inCode(cell, style.colors ? codeOf(c) : nullptr);
            text += c > 0 ? spaces(kGap) : "";
            text += table.columns[c].align == Align::Right ? padding + painted : painted + padding;
        }
        add(std::move(text));
    };
    line([&](std::size_t c) { return terminalLine(table.columns[c].title); }, [](std::size_t) { return kDim; });
    for (const auto& row : table.rows) {
        line([&](std::size_t c) { return shown(cellAt(row, c), style); },
             [&](std::size_t c) { return cellAt(row, c).strong ? kBold : nullptr; });
    }
    return result;
}

std::string toLatex(const Table& table)
{
    std::string result = "\\begin{tabular}{";
    for (const Column& column : table.columns) {
        result += column.align == Align::Right ? 'r' : 'l';
    }
    result += "}\n\\toprule\n";
    for (const std::vector<Span>& head : table.heads) {
        result += latexHead(head);
    }
    const auto line = [&](const auto& textOf) {
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            result += (c > 0 ? " & " : "") + textOf(c);
        }
        result += " \\\\\n";
    };
    line([&](std::size_t c) { return latex(terminalLine(table.columns[c].title)); });
    result += "\\midrule\n";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        if (std::find(table.parts.begin(), table.parts.end(), r) != table.parts.end()) {
            result += "\\midrule\n";
        }
        line([&](std::size_t c) {
            const Cell& cell = cellAt(table.rows[r], c);
            const std::string text = latex(withMinusSigns(terminalLine(cell.text)));
            return cell.strong ? "\\textbf{" + text + "}" : text;
        });
    }
    return result + "\\bottomrule\n\\end{tabular}\n";
}

} // namespace dskd::text
