#include "ui/models/queue_model.h"

#include "ui/look/format.h"
#include "ui/look/theme.h"

#include <QMimeData>
#include <algorithm>
#include <iterator>

namespace dskd::ui
{

namespace
{

const QString kMimeType = QStringLiteral("application/x-dskd-queued-run");

} // namespace

QueueModel::QueueModel(QObject* parent) : QAbstractTableModel(parent) {}

void QueueModel::setQueue(std::vector<store::QueueRow> rows,
                          const std::function<Shown(const store::QueueRow&)>& shownAs)
{
    std::vector<Shown> shown;
    std::transform(rows.begin(), rows.end(), std::back_inserter(shown), shownAs);
    const auto same = [](const store::QueueRow& a, const store::QueueRow& b) {
        return a.runId == b.runId && a.state == b.state && a.position == b.position;
    };
    if (std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(), same)) { // selection and scrolling stay
        if (shown != m_shown) {
            m_shown = std::move(shown);
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        }
        return;
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
    const Shown& shown = m_shown[static_cast<std::size_t>(index.row())];
    if (role == Qt::ForegroundRole && index.column() == State && shown.failed) {
        return palette().bad;
    }
    if (role == Qt::ToolTipRole && row.state == store::QueueState::Waiting) {
        return tr("Drag it, or Alt+Up and Alt+Down: another place in the queue");
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    const bool running = row.state == store::QueueState::Running;
    switch (index.column()) {
    case Place: return running ? kMissing : QString::number(row.position);
    case Run: return shown.name;
    case State: return shown.failed ? QStringLiteral("✕ ") + shown.state : shown.state;
    case Left: return shown.left;
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
    case Left: return tr("Ends in");
    case Added: return tr("Queued");
    default: return {};
    }
}

Qt::ItemFlags QueueModel::flags(const QModelIndex& index) const
{
    if (!index.isValid()) {
        return Qt::ItemIsDropEnabled; // between rows, not on them
    }
    const bool waits = m_rows[static_cast<std::size_t>(index.row())].state == store::QueueState::Waiting;
    const Qt::ItemFlags plain = QAbstractTableModel::flags(index);
    return waits ? plain | Qt::ItemIsDragEnabled : plain;
}

QStringList QueueModel::mimeTypes() const
{
    return {kMimeType};
}

QMimeData* QueueModel::mimeData(const QModelIndexList& indexes) const
{
    auto* data = new QMimeData; // the view owns it
    if (!indexes.isEmpty()) {
        data->setData(kMimeType, indexes.front().data(RunIdRole).toString().toUtf8());
    }
    return data;
}

int QueueModel::placeBefore(int row, const std::string& runId) const
{
    int place = 1;
    for (int above = 0; above < rowCount() && (row < 0 || above < row); ++above) {
        const store::QueueRow& other = m_rows[static_cast<std::size_t>(above)];
        place += other.state == store::QueueState::Waiting && other.runId != runId ? 1 : 0;
    }
    return place;
}

bool QueueModel::dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int, const QModelIndex& parent)
{
    if (action == Qt::MoveAction && data->hasFormat(kMimeType) && !parent.isValid()) {
        const std::string id = data->data(kMimeType).toStdString();
        Q_EMIT moveRequested(id, placeBefore(row, id));
    }
    return false; // the rows move when the queue has changed
}

} // namespace dskd::ui
