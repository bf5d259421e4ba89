#include "ui/window/trash_dialog.h"

#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/models/run_tree_model.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace dskd::ui
{

TrashDialog::TrashDialog(WorkspaceFeed& feed, QWidget* parent)
    : QDialog(parent), m_feed(feed), m_table(new QTableWidget(0, 3, this)),
      m_empty(new QLabel(tr("The trash is empty. \"Move to trash\" (Del) in the list moves runs here."), this))
{
    setObjectName("trashDialog");
    setWindowTitle(tr("Trash"));
    m_table->setAccessibleName(tr("Runs in the trash"));
    m_table->setHorizontalHeaderLabels({tr("Run"), tr("Method"), tr("Moved here")});
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_table->verticalHeader()->hide();
    m_table->setShowGrid(false);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_empty->setObjectName("trashIsEmpty");
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    setTone(*m_empty, "muted");
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_restore = buttons->addButton(tr("Restore"), QDialogButtonBox::ActionRole);
    m_purge = buttons->addButton(tr("Delete for good …"), QDialogButtonBox::ActionRole);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_empty, 1);
    layout->addWidget(buttons);
    resize(560, 320);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_restore, &QPushButton::clicked, this, [this] { m_feed.restore(selected()); });
    connect(m_purge, &QPushButton::clicked, this, &TrashDialog::askBeforePurge);
    connect(m_table, &QTableWidget::itemSelectionChanged, this, &TrashDialog::update);
    connect(&feed, &WorkspaceFeed::runsChanged, this, &TrashDialog::fill);
    fill();
    update();
}

void TrashDialog::fill()
{
    const auto& rows = m_feed.trash();
    m_table->setVisible(!rows.empty());
    m_empty->setVisible(rows.empty());
    std::vector<std::string> shown;
    shown.reserve(static_cast<std::size_t>(m_table->rowCount()));
    for (int row = 0; row < m_table->rowCount(); ++row) {
        shown.push_back(m_table->item(row, 0)->data(Qt::UserRole).toString().toStdString());
    }
    const auto isOf = [](const store::RunRow& run, const std::string& id) { return run.id == id; };
    if (std::equal(rows.begin(), rows.end(), shown.begin(), shown.end(), isOf)) {
        return; // runsChanged comes often; the trash changes seldom
    }
    m_table->setRowCount(0);
    for (const store::RunRow& run : rows) {
        const int row = m_table->rowCount();
        m_table->insertRow(row);
        auto* name = new QTableWidgetItem(shownName(run.name));
        name->setData(Qt::UserRole, QString::fromStdString(run.id));
        name->setToolTip(QString::fromStdString(run.id));
        m_table->setItem(row, 0, name);
        m_table->setItem(row, 1, new QTableWidgetItem(methodText(run)));
        m_table->setItem(row, 2, new QTableWidgetItem(localTime(run.trashed.value_or(0.0))));
    }
    update();
}

void TrashDialog::update()
{
    const bool any = !selected().empty();
    m_restore->setEnabled(any);
    m_purge->setEnabled(any);
}

std::vector<std::string> TrashDialog::selected() const
{
    std::vector<std::string> ids;
    for (const QModelIndex& row : m_table->selectionModel()->selectedRows()) {
        ids.push_back(row.data(Qt::UserRole).toString().toStdString());
    }
    return ids;
}

void TrashDialog::askBeforePurge()
{
    const auto ids = selected();
    auto* box = new QMessageBox(QMessageBox::Warning, tr("Delete for good"),
                                ids.size() == 1 ? tr("Delete this run with its checkpoints for good?")
                                                : tr("Delete %1 runs with their checkpoints for good?").arg(ids.size()),
                                QMessageBox::Cancel, this);
    box->setInformativeText(tr("Nothing can bring them back. Exported students are not touched."));
    const auto* purge = box->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(purge, &QPushButton::clicked, this, [this, ids] { m_feed.purge(ids); });
    box->open();
}

} // namespace dskd::ui
