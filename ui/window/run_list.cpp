#include "ui/window/run_list.h"

#include "ui/look/theme.h"
#include "ui/models/run_filter.h"
#include "ui/models/run_tree_model.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>
#include <algorithm>

namespace dskd::ui
{

namespace
{

constexpr int kTypingPausesMs = 250;

std::int64_t experimentOf(const QModelIndex& index)
{
    return index.data(RunTreeModel::ExperimentRole).toLongLong();
}

} // namespace

RunList::RunList(RunTreeModel& model, QWidget* parent)
    : QWidget(parent), m_model(model), m_filter(new RunFilter(this)), m_text(new QLineEdit(this)),
      m_view(new QTreeView(this)), m_stack(new QStackedWidget(this)), m_empty(new QLabel(this)),
      m_emptyAction(new QPushButton(this)), m_foot(new QLabel(this)),
      m_columns(new QMenu(tr("&Columns of the list"), this))
{
    m_filter->setSourceModel(&model);
    m_text->setObjectName("runFilter");
    m_text->setPlaceholderText(tr("Filter: dual status:done seed:10"));
    m_text->setToolTip(tr(
        "Words that a run must have; name: experiment: tag: status: method: seed: note: id: group: look in one field"));
    m_text->setAccessibleName(tr("Filter"));
    m_text->setClearButtonEnabled(true);
    m_text->addAction(icon("search"), QLineEdit::LeadingPosition);
    m_view->setObjectName("runTree");
    m_view->setModel(m_filter);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setUniformRowHeights(true);
    m_view->setAlternatingRowColors(false);
    m_view->setSortingEnabled(true);
    m_view->sortByColumn(-1, Qt::AscendingOrder);
    m_view->setEditTriggers(QAbstractItemView::EditKeyPressed);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setIndentation(14);
    m_view->setTextElideMode(Qt::ElideMiddle); // names of one experiment differ at their ends
    m_view->setIconSize(QSize(32, 16));        // the bar of an experiment; the marks of runs stay small
    m_view->setAccessibleName(tr("Experiments and runs"));
    makeColumns();
    m_foot->setObjectName("hiddenByFilter");
    m_foot->setProperty("muted", true);
    m_foot->hide();
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setProperty("muted", true);

    auto* emptyPage = new QWidget(this);
    auto* emptyLayout = new QVBoxLayout(emptyPage);
    emptyLayout->addStretch();
    emptyLayout->addWidget(m_empty);
    emptyLayout->addWidget(m_emptyAction, 0, Qt::AlignHCenter);
    emptyLayout->addStretch();
    m_stack->addWidget(m_view);
    m_stack->addWidget(emptyPage);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    layout->setSpacing(kSpace2);
    layout->addWidget(m_text);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_foot);

    m_drawnSoon.setSingleShot(true);
    m_drawnSoon.setInterval(kTypingPausesMs);
    connect(&m_drawnSoon, &QTimer::timeout, this, &RunList::drawnChanged);
    connect(m_text, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filter->setText(text);
        m_view->expandAll();
        updateEmptyState();
        m_drawnSoon.start();
    });
    connect(m_emptyAction, &QPushButton::clicked, this, [this] {
        if (m_model.rowCount() > 0) {
            m_text->clear();
        } else {
            Q_EMIT newRequested();
        }
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunList::selectionChanged);
    connect(m_view, &QWidget::customContextMenuRequested, this, &RunList::askForMenu);
    const auto rowsDiffer = [this] {
        updateEmptyState();
        if (m_filter->active()) { // a run begins or ceases to match
            m_drawnSoon.start();
        }
    };
    connect(m_filter, &QAbstractItemModel::rowsInserted, this,
            [this, rowsDiffer](const QModelIndex& above, int first, int last) {
                expandNew(above, first, last);
                rowsDiffer();
            });
    connect(m_filter, &QAbstractItemModel::rowsRemoved, this, rowsDiffer);
    connect(&m_model, &QAbstractItemModel::rowsInserted, this, &RunList::updateFoot); // also one that does not match
    connect(m_filter, &QAbstractItemModel::modelAboutToBeReset, this, &RunList::rememberView);
    connect(m_filter, &QAbstractItemModel::modelReset, this, &RunList::restoreView);
    setMinimumWidth(220);
    updateEmptyState();
}

// The run's name and status; the other columns are there for whoever wants them.
void RunList::makeColumns()
{
    QHeaderView& header = *m_view->header();
    header.setStretchLastSection(false);
    header.setMinimumSectionSize(44);
    const int widths[] = {170, 92, 84, 82, 60, 70, 70, 44};
    for (int column = 0; column < RunTreeModel::ColumnCount; ++column) {
        m_view->setColumnWidth(column, widths[column]);
        if (column == RunTreeModel::Name) {
            continue;
        }
        m_view->setColumnHidden(column, column != RunTreeModel::State);
        QAction* action = m_columns->addAction(m_model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
        action->setCheckable(true);
        connect(action, &QAction::triggered, this, [this, column](bool on) { m_view->setColumnHidden(column, !on); });
    }
    header.setSectionResizeMode(RunTreeModel::Name, QHeaderView::Stretch);
    connect(m_columns, &QMenu::aboutToShow, this, [this] { // a stored layout may have changed them
        const QList<QAction*> actions = m_columns->actions();
        for (int column = RunTreeModel::Name + 1; column < RunTreeModel::ColumnCount; ++column) {
            actions[column - 1]->setChecked(!m_view->isColumnHidden(column));
        }
    });
    header.setContextMenuPolicy(Qt::CustomContextMenu);
    connect(&header, &QWidget::customContextMenuRequested, this,
            [this](const QPoint& at) { m_columns->popup(m_view->header()->mapToGlobal(at)); });
}

QMenu& RunList::columnsMenu() const
{
    return *m_columns;
}

// The menu is that of the row below the pointer; the Menu key asks at the current row.
void RunList::askForMenu(const QPoint& at)
{
    const QModelIndex index = m_view->indexAt(at);
    if (index.isValid() && !m_view->selectionModel()->isRowSelected(index.row(), index.parent())) {
        m_view->setCurrentIndex(index);
    }
    const QModelIndex row = index.isValid() ? index : m_view->currentIndex();
    const bool onExperiment = row.isValid() && !row.parent().isValid() && experimentOf(row) != 0;
    Q_EMIT menuRequested(m_view->viewport()->mapToGlobal(at), onExperiment);
}

// A run that goes, or an experiment that comes, must not change what a person has selected and folded.
void RunList::rememberView()
{
    m_before.selected = selected();
    m_before.selectedExperiments.clear();
    m_before.scroll = m_view->verticalScrollBar()->value();
    m_before.folded.clear();
    for (int row = 0; row < m_filter->rowCount(); ++row) {
        const QModelIndex index = m_filter->index(row, 0);
        if (!m_view->isExpanded(index) && m_filter->rowCount(index) > 0) {
            m_before.folded.insert(experimentOf(index));
        }
        if (m_view->selectionModel()->isSelected(index)) {
            m_before.selectedExperiments.insert(experimentOf(index));
        }
    }
}

void RunList::restoreView()
{
    expandNew({}, 0, m_filter->rowCount() - 1);
    if (!m_before.selected.empty()) {
        select(m_before.selected); // unfolds their experiments
    }
    for (int row = 0; row < m_filter->rowCount(); ++row) {
        const QModelIndex index = m_filter->index(row, 0);
        m_view->setExpanded(index, !m_before.folded.contains(experimentOf(index)));
        if (m_before.selectedExperiments.contains(experimentOf(index))) {
            m_view->selectionModel()->select(index, QItemSelectionModel::Select | QItemSelectionModel::Rows);
            if (m_before.selected.empty()) {
                m_view->selectionModel()->setCurrentIndex(index, QItemSelectionModel::NoUpdate);
            }
        }
    }
    m_view->verticalScrollBar()->setValue(m_before.scroll);
    updateEmptyState();
}

// Experiments that came are unfolded, also when their first runs come.
void RunList::expandNew(const QModelIndex& parent, int first, int last)
{
    if (parent.isValid()) {
        if (last - first + 1 == m_filter->rowCount(parent)) {
            m_view->expand(parent);
        }
        return;
    }
    for (int row = first; row <= last; ++row) {
        m_view->expand(m_filter->index(row, 0));
        m_view->setFirstColumnSpanned(row, {}, true);
    }
}

void RunList::updateFoot()
{
    int all = 0;
    int left = 0;
    for (int row = 0; row < m_model.rowCount(); ++row) {
        all += m_model.rowCount(m_model.index(row, 0));
    }
    for (int row = 0; row < m_filter->rowCount(); ++row) {
        left += m_filter->rowCount(m_filter->index(row, 0));
    }
    const int hidden = all - left;
    m_foot->setText(hidden == 1 ? tr("1 run hidden by the filter") : tr("%1 runs hidden by the filter").arg(hidden));
    m_foot->setVisible(hidden > 0);
}

void RunList::updateEmptyState()
{
    const bool any = m_filter->rowCount() > 0;
    updateFoot();
    m_stack->setCurrentIndex(any ? 0 : 1);
    if (any) {
        return;
    }
    const bool filtered = m_model.rowCount() > 0;
    m_empty->setText(!m_loaded  ? tr("Reading the workspace …")
                     : filtered ? tr("No experiment and no run matches the filter.")
                                : tr("No run yet. An experiment names a teacher, a student, data and a method."));
    m_emptyAction->setText(filtered ? tr("Clear the filter") : tr("New experiment …"));
    m_emptyAction->setVisible(m_loaded);
}

void RunList::setLoaded(bool loaded)
{
    m_loaded = loaded;
    updateEmptyState();
}

std::vector<std::string> RunList::selected() const
{
    QModelIndexList rows = m_view->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end(), [](const QModelIndex& a, const QModelIndex& b) {
        return std::pair(a.parent().row(), a.row()) < std::pair(b.parent().row(), b.row());
    });
    std::vector<std::string> ids;
    for (const QModelIndex& row : rows) {
        if (const std::string id = m_model.runIdAt(m_filter->mapToSource(row)); !id.empty()) {
            ids.push_back(id);
        }
    }
    return ids;
}

std::vector<std::int64_t> RunList::experiments() const
{
    std::vector<std::int64_t> ids;
    const auto note = [&](const QModelIndex& index) {
        const std::int64_t id = experimentOf(index);
        if (id != 0 && std::find(ids.begin(), ids.end(), id) == ids.end()) {
            ids.push_back(id);
        }
    };
    const QModelIndexList rows = m_view->selectionModel()->selectedRows();
    for (int row = 0; row < m_filter->rowCount(); ++row) {
        if (const QModelIndex index = m_filter->index(row, 0); rows.contains(index)) {
            note(index);
        }
    }
    if (ids.empty()) {
        std::for_each(rows.begin(), rows.end(), note);
    }
    return ids;
}

std::vector<std::string> RunList::drawnRuns() const
{
    std::vector<std::string> ids = m_model.shownRuns();
    if (m_filter->active()) {
        std::erase_if(
            ids, [this](const std::string& id) { return !m_filter->mapFromSource(m_model.indexOf(id)).isValid(); });
    }
    return ids;
}

void RunList::select(const std::vector<std::string>& runIds)
{
    QItemSelection selection;
    QModelIndex first;
    for (const std::string& id : runIds) {
        const QModelIndex index = m_filter->mapFromSource(m_model.indexOf(id));
        if (index.isValid()) {
            selection.select(index, index);
            first = first.isValid() ? first : index;
        }
    }
    m_view->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    if (first.isValid()) {
        m_view->selectionModel()->setCurrentIndex(first, QItemSelectionModel::NoUpdate);
        m_view->scrollTo(first);
    }
}

void RunList::editName()
{
    const QModelIndex current = m_view->currentIndex();
    if (current.isValid()) {
        m_view->edit(current.siblingAtColumn(RunTreeModel::Name));
    }
}

bool RunList::nameEditable() const
{
    const QModelIndexList rows = m_view->selectionModel()->selectedRows();
    return rows.size() == 1 && rows.front().flags().testFlag(Qt::ItemIsEditable);
}

void RunList::focusFilter()
{
    m_text->setFocus();
    m_text->selectAll();
}

} // namespace dskd::ui
