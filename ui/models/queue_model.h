#pragma once

#include "core/store/workspace_rows.h"

#include <QAbstractTableModel>
#include <functional>
#include <string>
#include <vector>

namespace dskd::ui
{

// The queue in the order it will run. Replaced as a whole: it is short. Waiting runs can be dragged to another place;
// the model only emits signals. GUI thread only.
class QueueModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Place, Run, State, Left, Added, ColumnCount };
    enum Role { RunIdRole = Qt::UserRole };

    explicit QueueModel(QObject* parent = nullptr);

    // What the queue's row holds of a run. Its state comes from its status: the queue's own mark stays when a worker
    // dies while no runner works on the queue.
    struct Shown {
        QString name;
        QString state;
        QString left = {};   // until it ends
        bool failed = false; // its worker died or gave up

        bool operator==(const Shown&) const = default;
    };
    void setQueue(std::vector<store::QueueRow> rows, const std::function<Shown(const store::QueueRow&)>& shownAs);
    [[nodiscard]] const std::vector<store::QueueRow>& rows() const { return m_rows; }
    // The place among the waiting runs that a run has when it is dropped before this row; the last for a row behind
    // all.
    [[nodiscard]] int placeBefore(int row, const std::string& runId) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    [[nodiscard]] Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    [[nodiscard]] QStringList mimeTypes() const override;
    [[nodiscard]] QMimeData* mimeData(const QModelIndexList& indexes) const override;
    bool dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                      const QModelIndex& parent) override;

Q_SIGNALS:
    void moveRequested(const std::string& runId, int place); // dropped there

private:
    std::vector<store::QueueRow> m_rows;
    std::vector<Shown> m_shown; // of m_rows
};

} // namespace dskd::ui
