#pragma once

#include "core/jobs/matrix_table.h"

#include <QAbstractTableModel>

namespace dskd::ui
{

// A matrix as a table: in each cell the mean and its spread, below them the difference to the baseline, the number of
// seeds and how runs stand. Holds a value, without access to databases. GUI thread only.
class MatrixModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    explicit MatrixModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    // Of a matrix of the same rows and columns selection and scroll position stay.
    void setMatrix(jobs::Matrix matrix, jobs::Spread spread);
    [[nodiscard]] const jobs::Matrix& matrix() const { return m_matrix; }
    [[nodiscard]] jobs::Spread spread() const { return m_spread; }
    [[nodiscard]] const jobs::MatrixCell& cellAt(const QModelIndex& index) const; // which must be valid

    [[nodiscard]] QString title() const; // "ROUGE-L (best), %: distance down, space across"
    [[nodiscard]] QString legend() const;
    // "rkl, dual": what the cell has of the fields down and across.
    [[nodiscard]] QString placeOf(const QModelIndex& index) const;
    [[nodiscard]] QString exactValue(const QModelIndex& index) const; // of the mean, full precision; empty: none

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] jobs::MatrixText texts() const { return {m_matrix, m_spread, jobs::MatrixStyle::Window}; }
    [[nodiscard]] QString textOf(std::size_t cell) const;
    [[nodiscard]] QString secondLine(std::size_t cell) const;
    [[nodiscard]] QString accessibleText(std::size_t cell) const;
    [[nodiscard]] QString accessibleLines(std::size_t cell) const;
    [[nodiscard]] QString placeText(std::size_t cell) const; // "rkl, dual"
    [[nodiscard]] QString hintOf(std::size_t cell) const;

    jobs::Matrix m_matrix;
    jobs::Spread m_spread = jobs::Spread::Deviation;
};

} // namespace dskd::ui
