#include "ui/models/queue_model.h"

#include "ui/look/format.h"

#include <algorithm>
#include <iterator>

namespace dskd::ui
{

QueueModel::QueueModel(QObject* parent) : QAbstractTableModel(parent) {}

void QueueModel::setQueue(std::vector<store::QueueRow> rows,
                          const std::function<Shown(const store::QueueRow&)>& shownAs)
{
    std::vector<Shown> shown;
    std::transform(rows.begin(), rows.end(), std::back_inserter(shown), shownAs);
    const auto same = [](const store::QueueRow& a, const store::QueueRow& b) {
        return a.runId == b.runId && a.state == b.state && a.position == b.position;
    };
    if (shown == m_shown && std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(), same)) {
        return; // selection and scroll position stay
    }
    beginResetModel();
    m_rows = std::move(rows);
    m_shown = std::move(shown);
    endResetModel();
}

int QueueModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int QueueModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant QueueModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) {
        return {};
    }
    const store::QueueRow& row = m_rows[static_cast<std::size_t>(index.row())];
    if (role == RunIdRole) {
        return QString::fromStdString(row.runId);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    const bool running = row.state == store::QueueState::Running;
    switch (index.column()) {
    case Place: return running ? kMissing : QString::number(row.position);
    case Run: return m_shown[static_cast<std::size_t>(index.row())].name;
    case State: return m_shown[static_cast<std::size_t>(index.row())].state;
    case Added: return localTime(row.added);
    default: return {};
    }
}

QVariant QueueModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Place: return tr("Place");
    case Run: return tr("Run");
    case State: return tr("State");
    case Added: return tr("Queued");
    default: return {};
    }
}

} // namespace dskd::ui
