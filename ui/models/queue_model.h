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

    // What the queue's row says of a run. Its state comes from its status: the queue's own mark stays when a worker
    // dies and nobody works on the queue.
    struct Shown {
        QString name;
        QString state;

        bool operator==(const Shown&) const = default;
    };
    void setQueue(std::vector<store::QueueRow> rows, const std::function<Shown(const store::QueueRow&)>& shownAs);
    [[nodiscard]] const std::vector<store::QueueRow>& rows() const { return m_rows; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<store::QueueRow> m_rows;
    std::vector<Shown> m_shown; // of m_rows
};

} // namespace dskd::ui
