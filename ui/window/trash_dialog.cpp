#include "ui/window/trash_dialog.h"

#include "core/base/run_layout.h"
#include "core/jobs/run_folder.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_commands.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/models/run_tree_model.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <atomic>
#include <optional>

namespace dskd::ui
{
namespace
{

enum Column { kName, kMethod, kSize, kMoved, kNumColumns };

// Of the runs together; nothing while one is not known.
std::optional<std::uint64_t> sumOf(const std::map<std::string, std::uint64_t>& sizes,
                                   const std::vector<std::string>& runs)
{
    std::uint64_t sum = 0;
    for (const std::string& run : runs) {
        const auto size = sizes.find(run);
        if (size == sizes.end()) {
            return std::nullopt;
        }
        sum += size->second;
    }
    return sum;
}

QString sizeText(std::optional<std::uint64_t> size)
{
    return size ? bytes(static_cast<double>(*size)) : QStringLiteral("\u2026");
}

} // namespace

TrashDialog::TrashDialog(WorkspaceFeed& feed, QWidget* parent)
    : QDialog(parent), m_feed(feed), m_table(new QTableWidget(0, kNumColumns, this)),
      m_empty(new QLabel(tr("The trash is empty. \"Move to trash\" (Del) in the list moves runs here."), this)),
      m_sum(new QLabel(this)), m_purged(new QLabel(this))
{
    setObjectName("trashDialog");
    setWindowTitle(tr("Trash"));
    m_table->setAccessibleName(tr("Runs in the trash"));
    m_table->setHorizontalHeaderLabels({tr("Run"), tr("Method"), tr("Size"), tr("Moved here")});
    m_table->horizontalHeader()->setSectionResizeMode(kName, QHeaderView::Stretch);
    m_table->verticalHeader()->hide();
    m_table->setShowGrid(false);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setTabKeyNavigation(false); // Tab goes on to the buttons
    m_empty->setObjectName("trashIsEmpty");
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    setTone(*m_empty, "muted");
    m_sum->setObjectName("trashSum");
    m_purged->setObjectName("trashPurged");
    for (QLabel* label : {m_sum, m_purged}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    m_purged->hide();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_restore = buttons->addButton(tr("Restore"), QDialogButtonBox::ActionRole);
    m_purge = buttons->addButton(tr("Delete for good …"), QDialogButtonBox::ActionRole);
    m_purge->setToolTip(tr("Delete the selected runs for good"));
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_empty, 1);
    layout->addWidget(m_sum);
    layout->addWidget(m_purged);
    layout->addWidget(buttons);
    resize(640, 340);
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
    m_sum->setVisible(!rows.empty());
    std::vector<std::string> shown;
    shown.reserve(static_cast<std::size_t>(m_table->rowCount()));
    for (int row = 0; row < m_table->rowCount(); ++row) {
        shown.push_back(m_table->item(row, kName)->data(Qt::UserRole).toString().toStdString());
    }
    const auto isOf = [](const store::RunRow& run, const std::string& id) { return run.id == id; };
    if (std::equal(rows.begin(), rows.end(), shown.begin(), shown.end(), isOf)) {
        return; // runsChanged comes often; the trash changes seldom
    }
    m_table->setRowCount(0);
    for (const store::RunRow& run : rows) {
        const int row = m_table->rowCount();
        m_table->insertRow(row);
        auto* name = new QTableWidgetItem(runTitle(run));
        name->setData(Qt::UserRole, QString::fromStdString(run.id));
        name->setToolTip(QString::fromStdString(run.id));
        auto* size = new QTableWidgetItem;
        size->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        m_table->setItem(row, kName, name);
        m_table->setItem(row, kMethod, new QTableWidgetItem(methodText(run)));
        m_table->setItem(row, kSize, size);
        m_table->setItem(row, kMoved, new QTableWidgetItem(localTime(run.trashed.value_or(0.0))));
    }
    m_sizes.clear(); // one that was restored and came back may have grown
    showSizes();
    readSizes();
}

void TrashDialog::readSizes()
{
    using Sizes = std::map<std::string, std::uint64_t>;
    std::vector<std::string> ids;
    ids.reserve(m_feed.trash().size());
    for (const store::RunRow& run : m_feed.trash()) {
        ids.push_back(run.id);
    }
    if (ids.empty()) {
        return;
    }
    m_background.run(
        this,
        [ids, trash = WorkspaceLayout{m_feed.workspace()}.trash()](const std::atomic<bool>& cancelled) {
            Sizes sizes;
            for (const std::string& id : ids) {
                if (!cancelled) {
                    sizes[id] = jobs::folderSize(trash / id);
                }
            }
            return Result<Sizes>(std::move(sizes));
        },
        [this](Result<Sizes> sizes) {
            if (sizes) {
                m_sizes = *std::move(sizes);
            }
            showSizes();
        });
}

void TrashDialog::showSizes()
{
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const std::string id = m_table->item(row, kName)->data(Qt::UserRole).toString().toStdString();
        m_table->item(row, kSize)->setText(sizeText(sumOf(m_sizes, {id})));
    }
    update();
}

void TrashDialog::showSum(const std::vector<std::string>& of)
{
    std::vector<std::string> all;
    all.reserve(m_feed.trash().size());
    for (const store::RunRow& run : m_feed.trash()) {
        all.push_back(run.id);
    }
    const QString inTrash = sizeText(sumOf(m_sizes, all));
    m_sum->setText(of.empty() ? tr("All in the trash: %1").arg(inTrash)
                              : tr("Selected: %1 of %2").arg(sizeText(sumOf(m_sizes, of)), inTrash));
}

void TrashDialog::update()
{
    const std::vector<std::string> ids = selected();
    m_restore->setEnabled(!ids.empty());
    m_purge->setEnabled(!ids.empty());
    showSum(ids);
}

void TrashDialog::showPurged(std::uint64_t freed, const std::vector<Failure>& failures)
{
    QString text = tr("Deleted for good: %1 freed.").arg(sizeText(freed));
    if (!failures.empty()) {
        text += QLatin1Char(' ') + windowWords(joined(failures).text());
    }
    m_purged->setText(text);
    setTone(*m_purged, failures.empty() ? "muted" : "bad");
    m_purged->show();
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
    const std::optional<std::uint64_t> size = sumOf(m_sizes, ids);
    box->setInformativeText((size ? tr("That frees %1. ").arg(sizeText(size)) : QString()) +
                            tr("Nothing can bring them back. Exported students are not touched."));
    const auto* purge = box->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(purge, &QPushButton::clicked, this, [this, ids] {
        const auto purged = [dialog = QPointer<TrashDialog>(this)](std::uint64_t freed,
                                                                   const std::vector<Failure>& failures) {
            if (dialog) {
                dialog->showPurged(freed, failures);
            }
        };
        m_feed.purge(ids, purged);
    });
    box->open();
}

} // namespace dskd::ui
