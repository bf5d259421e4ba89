#include "core/text/table.h"

#include "core/text/columns.h"
#include "core/text/escape.h"

#include <algorithm>
#include <numeric>

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

std::vector<int> columnWidths(const Table& table, const TerminalStyle& style)
{
    std::vector<int> widths;
    int total = 0;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        int width = displayWidth(terminalLine(table.columns[c].title));
        for (const auto& row : table.rows) {
            width = std::max(width, displayWidth(shown(cellAt(row, c), style)));
        }
        widths.push_back(width);
        total += width + (c > 0 ? kGap : 0);
    }
    // Take from the widest column that may shrink, one by one.
    while (style.width > 0 && total > style.width) {
        int* widest = nullptr;
        for (std::size_t c = 0; c < widths.size(); ++c) {
            if (table.columns[c].shrinks && widths[c] > kNarrowest && (widest == nullptr || widths[c] > *widest)) {
                widest = &widths[c];
            }
        }
        if (widest == nullptr) {
            break;
        }
        --*widest;
        --total;
    }
    return widths;
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
    const std::vector<int> widths = columnWidths(table, style);
    std::string result;
    const auto line = [&](const auto& textOf, const auto& codeOf) {
        std::string text;
        for (std::size_t c = 0; c < widths.size(); ++c) {
            const std::string cell = elide(textOf(c), widths[c], !style.utf8);
            const std::string padding(static_cast<std::size_t>(std::max(0, widths[c] - displayWidth(cell))), ' ');
            const char* code = style.colors ? codeOf(c) : nullptr;
            const std::string painted = code != nullptr && !cell.empty() ? code + cell + kReset : cell;
            text += c > 0 ? std::string(kGap, ' ') : "";
            text += table.columns[c].align == Align::Right ? padding + painted : painted + padding;
        }
        text.erase(text.find_last_not_of(' ') + 1);
        result += text + "\n";
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
    const auto line = [&](const auto& textOf) {
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            result += (c > 0 ? " & " : "") + textOf(c);
        }
        result += " \\\\\n";
    };
    line([&](std::size_t c) { return latex(terminalLine(table.columns[c].title)); });
    result += "\\midrule\n";
    for (const auto& row : table.rows) {
        line([&](std::size_t c) {
            const Cell& cell = cellAt(row, c);
            std::string text = latex(terminalLine(cell.text));
            if (const auto at = text.find("±"); at != std::string::npos) {
                text.replace(at, std::string("±").size(), "$\\pm$");
            }
            return cell.strong ? "\\textbf{" + text + "}" : text;
        });
    }
    return result + "\\bottomrule\n\\end{tabular}\n";
}

} // namespace dskd::text
