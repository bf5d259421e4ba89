#include "ui/window/cache_dialog.h"

#include "core/cache/kept_teachers.h"
#include "ui/feed/background.h"
#include "ui/look/format.h"
#include "ui/look/window_words.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QStringList>
#include <QTableWidget>
#include <QVBoxLayout>
#include <atomic>
#include <cstdint>
#include <utility>

namespace dskd::ui
{
namespace
{

enum Column { Teacher, Samples, Size, Device, Changed, ColumnCount };

// Its folder, with that of its adapter; the key where the teacher is not known.
std::string nameOf(const cache::KeptTeacher& kept)
{
    if (kept.teacher.model.empty()) {
        return kept.key;
    }
    return kept.teacher.adapter.empty() ? kept.teacher.model : kept.teacher.model + " + " + kept.teacher.adapter;
}

struct Deletion {
    std::uint64_t freed = 0;       // bytes
    std::vector<Failure> failures; // of those that are still there
};

// One that is gone already is no failure. Where one cannot be deleted, the others are.
Result<Deletion> forgotten(const WorkspaceLayout& workspace, const std::vector<std::string>& keys,
                           const std::atomic<bool>& cancelled)
{
    Deletion deletion;
    for (const std::string& key : keys) {
        if (cancelled) {
            break;
        }
        const Result<std::uint64_t> bytes = cache::forgetTeacher(workspace, key);
        if (bytes) {
            deletion.freed += *bytes;
        } else if (bytes.failure().kind != FailureKind::NotFound) {
            deletion.failures.push_back(bytes.failure());
        }
    }
    return deletion;
}

} // namespace

CacheDialog::CacheDialog(WorkspaceLayout workspace, Background& background, QWidget* parent)
    : QDialog(parent), m_workspace(std::move(workspace)), m_background(background),
      m_table(new QTableWidget(0, ColumnCount, this)), m_sum(new QLabel(tr("Reading …"), this)),
      m_outcome(new QLabel(this))
{
    setObjectName("cacheDialog");
    setWindowTitle(tr("What is kept of teachers"));
    auto* what = new QLabel(tr("What a teacher gives for a sample is computed once and kept for later runs. Nothing is "
                               "lost with it but the time to compute it again."),
                            this);
    what->setWordWrap(true);
    m_table->setAccessibleName(tr("Teachers of which rows are kept"));
    m_table->setHorizontalHeaderLabels({tr("Teacher"), tr("Samples"), tr("Size"), tr("Device"), tr("Changed")});
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(Teacher, QHeaderView::Stretch);
    m_table->verticalHeader()->hide();
    m_table->setShowGrid(false);
    m_table->setTextElideMode(Qt::ElideLeft); // the end of a path names the model
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setTabKeyNavigation(false); // Tab goes on to the buttons
    m_sum->setObjectName("cacheSum");
    m_outcome->setObjectName("cacheOutcome");
    m_outcome->setWordWrap(true);
    for (QLabel* label : {m_sum, m_outcome}) {
        label->setTextFormat(Qt::PlainText); // failures name folders, which may look like markup
    }
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_forget = buttons->addButton(tr("Delete"), QDialogButtonBox::ActionRole);
    m_forget->setObjectName("forgetTeachers");
    m_forget->setToolTip(tr("What is kept of the selected teachers"));
    m_forgetAll = buttons->addButton(tr("Delete all"), QDialogButtonBox::ActionRole);
    m_forgetAll->setObjectName("forgetAllTeachers");
    m_forgetAll->setToolTip(tr("What is kept of every teacher"));
    for (QPushButton* button : {m_forget, m_forgetAll}) {
        button->setAutoDefault(false); // Return must not delete
    }
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(what);
    layout->addWidget(m_table);
    layout->addWidget(m_sum);
    layout->addWidget(m_outcome);
    layout->addWidget(buttons);
    resize(760, 360);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_forget, &QPushButton::clicked, this, [this] { forget(keptKeys(/*selectedOnly=*/true)); });
    connect(m_forgetAll, &QPushButton::clicked, this, [this] { forget(keptKeys(/*selectedOnly=*/false)); });
    connect(m_table, &QTableWidget::itemSelectionChanged, this, &CacheDialog::updateButtons);
    updateButtons();
    read();
}

void CacheDialog::read()
{
    using Kept = Result<std::vector<cache::KeptTeacher>>;
    m_background.run(
        this, [workspace = m_workspace](const std::atomic<bool>&) -> Kept { return cache::keptTeachers(workspace); },
        [this](const Kept& kept) {
            m_working = false;
            if (kept) {
                fill(*kept);
            } else {
                m_sum->setText(windowWords(kept.failure().text()));
            }
            updateButtons();
        });
}

void CacheDialog::fill(const std::vector<cache::KeptTeacher>& kept)
{
    m_table->setRowCount(0); // with its selection: what is selected by row would be another teacher
    m_table->setRowCount(static_cast<int>(kept.size()));
    std::uint64_t sum = 0;
    int row = 0;
    for (const cache::KeptTeacher& teacher : kept) {
        const std::string name = nameOf(teacher);
        auto* first = new QTableWidgetItem(shownName(name));
        first->setData(Qt::UserRole, QString::fromStdString(teacher.key));
        first->setToolTip(plainHint(QString::fromStdString(name)));
        m_table->setItem(row, Teacher, first);
        const auto set = [&](Column column, const QString& text, bool isNumber) {
            auto* item = new QTableWidgetItem(text);
            item->setTextAlignment(isNumber ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
            m_table->setItem(row, column, item);
        };
        set(Samples, whole(static_cast<std::int64_t>(teacher.samples)), true);
        set(Size, bytes(static_cast<double>(teacher.bytes)), true);
        set(Device, shownName(teacher.teacher.device), false);
        set(Changed, localTime(teacher.changed), false);
        sum += teacher.bytes;
        ++row;
    }
    m_sum->setText(kept.empty() ? tr("Nothing is kept of a teacher.")
                                : tr("%1 of the disk in all.").arg(bytes(static_cast<double>(sum))));
}

void CacheDialog::forget(const std::vector<std::string>& keys)
{
    m_working = true;
    m_outcome->setText(tr("Deleting …"));
    updateButtons();
    m_background.run(
        this,
        [workspace = m_workspace, keys](const std::atomic<bool>& cancelled) {
            return forgotten(workspace, keys, cancelled);
        },
        [this](const Result<Deletion>& deletion) {
            QStringList lines;
            if (deletion) {
                lines += tr("%1 freed.").arg(bytes(static_cast<double>(deletion->freed)));
                for (const Failure& failure : deletion->failures) {
                    lines += windowWords(failure.text());
                }
            } else {
                lines += windowWords(deletion.failure().text());
            }
            m_outcome->setText(lines.join(QLatin1Char('\n')));
            read(); // also what is left after a failure
        });
}

void CacheDialog::updateButtons()
{
    m_forget->setEnabled(!m_working && m_table->selectionModel()->hasSelection());
    m_forgetAll->setEnabled(!m_working && m_table->rowCount() > 0);
}

std::vector<std::string> CacheDialog::keptKeys(bool selectedOnly) const
{
    std::vector<std::string> keys;
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const QTableWidgetItem* item = m_table->item(row, Teacher);
        if (!selectedOnly || m_table->selectionModel()->isRowSelected(row, {})) {
            keys.push_back(item->data(Qt::UserRole).toString().toStdString());
        }
    }
    return keys;
}

} // namespace dskd::ui
