#pragma once

#include "core/pairs/pair_analysis.h"
#include "core/store/input_table.h"

#include <QAbstractTableModel>
#include <map>
#include <utility>
#include <vector>

namespace dskd::ui
{

// Teachers x students: a row a teacher, a column a student; a cell shows overlap and coverage, and on hover minimum and
// distribution. Holds values, without access to databases. GUI thread only.
class PairsModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;

    // Other models than before empty the grid; the same with the same content keep it.
    void setModels(std::vector<store::ModelRow> teachers, std::vector<store::ModelRow> students);
    void clearCells(); // another data set
    void setCell(pairs::PairCell cell);

    // Null: not known yet.
    [[nodiscard]] const pairs::PairCell* cellAt(const QModelIndex& index) const;
    [[nodiscard]] std::vector<pairs::PairCell> cells() const; // those that are known, row by row

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    std::vector<store::ModelRow> m_teachers;
    std::vector<store::ModelRow> m_students;
    std::map<std::pair<std::int64_t, std::int64_t>, pairs::PairCell> m_cells; // by the ids of teacher and student
};

// "0.90 – 0.95: 12 samples", the bins that have any, the highest first.
[[nodiscard]] QStringList distributionLines(const pairs::PairAnalysis& analysis);

} // namespace dskd::ui
