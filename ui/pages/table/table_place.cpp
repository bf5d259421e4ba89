#include "ui/pages/table/table_place.h"

#include "ui/pages/table/run_table_model.h"

#include <QItemSelectionModel>
#include <QScrollBar>
#include <QTableView>
#include <algorithm>

namespace dskd::ui
{
namespace
{

// The rows of those runs that the model has.
QItemSelection rowsOf(const RunTableModel& model, const std::vector<std::string>& runIds)
{
    QItemSelection selection;
    for (const std::string& id : runIds) {
        if (const int row = model.rowOf(id); row >= 0 && model.columnCount() > 0) {
            selection.select(model.index(row, 0), model.index(row, model.columnCount() - 1));
        }
    }
    return selection;
}

} // namespace

std::vector<std::string> TablePlace::selectedRuns() const
{
    QModelIndexList rows = m_view.selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    std::vector<std::string> ids;
    for (const QModelIndex& row : rows) {
        const std::vector<std::string> runs = m_model.runsOf(row.row());
        ids.insert(ids.end(), runs.begin(), runs.end());
    }
    return ids;
}

void TablePlace::select(const std::vector<std::string>& runIds)
{
    const QItemSelection selection = rowsOf(m_model, runIds);
    if (!selection.isEmpty()) {
        m_view.selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
        m_view.scrollTo(selection.indexes().front());
    }
}

void TablePlace::remember()
{
    m_selected = selectedRuns();
    m_currentColumn = m_view.currentIndex().column();
    m_scroll = m_view.verticalScrollBar()->value();
    const std::vector<std::string> current = m_model.runsOf(m_view.currentIndex().row());
    m_current = current.empty() ? std::string() : current.front();
}

void TablePlace::restore()
{
    m_view.selectionModel()->select(rowsOf(m_model, m_selected), QItemSelectionModel::ClearAndSelect);
    if (const int row = m_model.rowOf(m_current); row >= 0 && m_model.columnCount() > 0) {
        m_view.selectionModel()->setCurrentIndex(
            m_model.index(row, std::clamp(m_currentColumn, 0, m_model.columnCount() - 1)),
            QItemSelectionModel::NoUpdate);
    }
    m_view.verticalScrollBar()->setValue(m_scroll);
}

} // namespace dskd::ui
