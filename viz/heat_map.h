#pragma once

#include <QString>
#include <QStringList>
#include <vector>

namespace dskd::viz
{

// A matrix with a text for every row and column. Rows top to bottom; values row by row.
struct HeatMap {
    QStringList rowTexts;    // student tokens
    QStringList columnTexts; // teacher tokens
    std::vector<float> values;

    [[nodiscard]] int rows() const { return static_cast<int>(rowTexts.size()); }
    [[nodiscard]] int columns() const { return static_cast<int>(columnTexts.size()); }
    [[nodiscard]] float at(int row, int column) const
    {
        return values[static_cast<std::size_t>(row) * columnTexts.size() + static_cast<std::size_t>(column)];
    }
};

// Space as "·", line end as "⏎", tab as "⇥", nothing as "∅", so that every token can be seen.
[[nodiscard]] QString visibleToken(QString token);

} // namespace dskd::viz
