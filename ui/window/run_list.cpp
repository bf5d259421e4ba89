#include "ui/window/run_list.h"

#include "ui/look/theme.h"
#include "ui/models/run_filter.h"
#include "ui/models/run_tree_model.h"

#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>
#include <algorithm>

namespace dskd::ui
{

RunList::RunList(RunTreeModel& model, QWidget* parent)
    : QWidget(parent), m_model(model), m_filter(new RunFilter(this)), m_text(new QLineEdit(this)),
      m_view(new QTreeView(this)), m_stack(new QStackedWidget(this)), m_empty(new QLabel(this)),
      m_emptyAction(new QPushButton(this))
{
    m_filter->setSourceModel(&model);
    m_text->setObjectName("runFilter");
    m_text->setPlaceholderText(tr("Filter: dual status:done seed:10"));
    m_text->setToolTip(
        tr("Words that a run must have; name: id: group: status: method: seed: note: look in one field"));
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
    m_view->header()->setStretchLastSection(false);
    m_view->setAccessibleName(tr("Runs"));
    const int widths[] = {170, 92, 78, 82, 60, 70, 70, 44};
    for (int column = 0; column < RunTreeModel::ColumnCount; ++column) {
        m_view->setColumnWidth(column, widths[column]);
    }
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

    connect(m_text, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filter->setText(text);
        m_view->expandAll();
        updateEmptyState();
    });
    connect(m_emptyAction, &QPushButton::clicked, this, [this] {
        if (m_model.rowCount() > 0) {
            m_text->clear();
        } else {
            Q_EMIT newRequested();
        }
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunList::selectionChanged);
    connect(m_view, &QWidget::customContextMenuRequested, this,
            [this](const QPoint& at) { Q_EMIT menuRequested(m_view->viewport()->mapToGlobal(at)); });
    connect(m_filter, &QAbstractItemModel::rowsInserted, this, &RunList::expandNew);
    connect(m_filter, &QAbstractItemModel::modelAboutToBeReset, this, &RunList::rememberView);
    connect(m_filter, &QAbstractItemModel::modelReset, this, &RunList::restoreView);
    setMinimumWidth(220);
    updateEmptyState();
}

// A run that goes, or a group that comes, must not change what a person has selected and folded.
void RunList::rememberView()
{
    m_before.selected = selected();
    m_before.scroll = m_view->verticalScrollBar()->value();
    m_before.folded.clear();
    for (int group = 0; group < m_filter->rowCount(); ++group) {
        const QModelIndex index = m_filter->index(group, 0);
        if (!m_view->isExpanded(index)) {
            m_before.folded.insert(index.data(RunTreeModel::SortRole).toString());
        }
    }
}

void RunList::restoreView()
{
    expandNew();
    if (!m_before.selected.empty()) {
        select(m_before.selected); // unfolds their groups
    }
    for (int group = 0; group < m_filter->rowCount(); ++group) {
        const QModelIndex index = m_filter->index(group, 0);
        m_view->setExpanded(index, !m_before.folded.contains(index.data(RunTreeModel::SortRole).toString()));
    }
    m_view->verticalScrollBar()->setValue(m_before.scroll);
}

void RunList::expandNew()
{
    for (int group = 0; group < m_filter->rowCount(); ++group) {
        m_view->expand(m_filter->index(group, 0));
        m_view->setFirstColumnSpanned(group, {}, true);
    }
    updateEmptyState();
}

void RunList::updateEmptyState()
{
    const bool any = m_filter->rowCount() > 0;
    m_stack->setCurrentIndex(any ? 0 : 1);
    if (any) {
        return;
    }
    const bool filtered = m_model.rowCount() > 0;
    m_empty->setText(!m_loaded  ? tr("Reading the workspace …")
                     : filtered ? tr("No run matches the filter.")
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
    if (current.isValid() && current.parent().isValid()) {
        m_view->edit(current.siblingAtColumn(RunTreeModel::Name));
    }
}

void RunList::focusFilter()
{
    m_text->setFocus();
    m_text->selectAll();
}

} // namespace dskd::ui
