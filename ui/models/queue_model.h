#pragma once

#include "core/store/records.h"

#include <QAbstractTableModel>
#include <functional>
#include <string>
#include <vector>

namespace dskd::ui
{

// The queue in the order it will run. Replaced as a whole: it is short. GUI thread only.
class QueueModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Place, Run, State, Added, ColumnCount };
    enum Role { RunIdRole = Qt::UserRole };

    explicit QueueModel(QObject* parent = nullptr);

    // `nameOf`: what a run is called.
    void setQueue(std::vector<store::QueueRow> rows, const std::function<QString(const std::string&)>& nameOf);
    [[nodiscard]] const std::vector<store::QueueRow>& rows() const { return m_rows; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<store::QueueRow> m_rows;
    std::vector<QString> m_names;
};

} // namespace dskd::ui
