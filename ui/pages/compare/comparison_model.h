#pragma once

#include "core/jobs/comparison_table.h"

#include <QAbstractTableModel>
#include <QColor>

namespace dskd::ui
{

// A comparison as a table: one row per group of seeds; first what differs, then the metrics with their differences to
// the baseline. Holds a value, without access to databases. GUI thread only.
class ComparisonModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    explicit ComparisonModel(QObject* parent = nullptr);

    // `colors`: one per row, of its first run. Rows that stay keep selection and scroll position.
    void setTable(jobs::ComparisonTable table, std::vector<QColor> colors);
    [[nodiscard]] const jobs::ComparisonTable& table() const { return m_table; }

    // The whole table as it stands, for the clipboard.
    [[nodiscard]] QString toTsv() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    enum class Kind { Label, Field, Seeds, Value, Delta };
    struct Column {
        Kind kind = Kind::Label;
        std::size_t index = 0; // into fields or metrics
        bool operator==(const Column&) const = default;
    };
    [[nodiscard]] static bool isLeft(const Column& column);
    [[nodiscard]] QString fieldText(const jobs::ComparisonRow& row, std::size_t field) const;
    [[nodiscard]] QString textOf(const jobs::ComparisonRow& row, const Column& column) const;
    [[nodiscard]] QString seedsHint(const jobs::ComparisonRow& row) const;
    [[nodiscard]] QString rankHint(const jobs::Rank& rank) const;
    [[nodiscard]] QString hintOf(const jobs::ComparisonRow& row, const Column& column) const;
    [[nodiscard]] QString titleOf(const Column& column) const;
    [[nodiscard]] QString sentenceOf(const Column& column) const;

    jobs::ComparisonTable m_table;
    std::vector<Column> m_columns;
    std::vector<QColor> m_colors;
};

} // namespace dskd::ui
