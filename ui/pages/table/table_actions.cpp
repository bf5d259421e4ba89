// What can be done with the selected rows of the table of runs.

#include "ui/feed/workspace_commands.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/window_words.h"
#include "ui/pages/shared/point_export.h"
#include "ui/pages/table/run_table_model.h"
#include "ui/pages/table/run_table_widget.h"
#include "ui/pages/table/table_page.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QInputDialog>
#include <QLabel>
#include <QPointer>
#include <algorithm>
#include <utility>

namespace dskd::ui
{

namespace
{

QString runsText(std::size_t number)
{
    return counted(static_cast<std::int64_t>(number), TablePage::tr("selected run"), TablePage::tr("selected runs"));
}

} // namespace

QAction* TablePage::makeAction(const QString& name, const QString& text, const QString& tip, const QKeySequence& keys,
                               const std::function<void()>& act)
{
    auto* action = new QAction(text, m_view);
    action->setObjectName(QStringLiteral("table.") + name);
    action->setToolTip(tip);
    action->setShortcut(keys);
    action->setShortcutContext(Qt::WidgetShortcut); // keys of the table: elsewhere they are letters
    connect(action, &QAction::triggered, this, act);
    m_view->addAction(action);
    m_ofSelection.push_back(action);
    return action;
}

void TablePage::makeActions()
{
    const auto separate = [this] {
        auto* separator = new QAction(m_view);
        separator->setSeparator(true);
        m_view->addAction(separator);
    };
    m_pin = makeAction(
        QStringLiteral("pin"), tr("&Pin to the top"), tr("The selected runs stay above the others"), Qt::Key_P, [this] {
            std::set<std::string> pinned = m_model->view().pinned;
            const std::vector<std::string> ids = selectedRuns();
            const bool all =
                std::all_of(ids.begin(), ids.end(), [&](const std::string& id) { return pinned.contains(id); });
            for (const std::string& id : ids) {
                if (all) {
                    pinned.erase(id);
                } else {
                    pinned.insert(id);
                }
            }
            setPinned(std::move(pinned));
        });
    m_measure = makeAction(QStringLiteral("measure"), tr("&Measure against this"),
                           tr("Every metric shows its difference to the current row"), Qt::Key_B, [this] {
                               const std::vector<std::string> ids = m_model->runsOf(m_view->currentIndex().row());
                               setBaseline(ids.empty() ? std::string() : ids.front());
                           });
    m_unmeasure = makeAction(QStringLiteral("unmeasure"), tr("Measure against &nothing"), tr("No differences"), {},
                             [this] { setBaseline({}); });
    separate();
    makeAction(QStringLiteral("tag"), tr("Add a &tag\u2026"), tr("To the selected runs"), Qt::Key_T, [this] {
        askForText(tr("Add a tag"), tr("Of %1; several with commas between them").arg(runsText(selectedRuns().size())),
                   {}, [this](const QString& text) {
                       const auto tags = jobs::parseTags(text.toStdString());
                       tags ? edit({.addedTags = *tags}) : say(QString::fromStdString(tags.failure().text()));
                   });
    });
    makeAction(QStringLiteral("untag"), tr("Remove a ta&g\u2026"), tr("From the selected runs"), {}, [this] {
        askForText(tr("Remove a tag"), tr("Tag that the selected runs lose"), {}, [this](const QString& text) {
            const auto tags = jobs::parseTags(text.toStdString());
            tags ? edit({.removedTags = *tags}) : say(QString::fromStdString(tags.failure().text()));
        });
    });
    makeAction(QStringLiteral("note"), tr("N&ote\u2026"), tr("Of the selected runs; replaces what they have"),
               Qt::Key_N, [this] {
                   const std::vector<std::string> ids = selectedRuns();
                   const RunRecord* first = ids.empty() ? nullptr : m_workspace.find(ids.front());
                   askForText(tr("Note"), tr("Note on %1").arg(runsText(ids.size())),
                              first == nullptr ? QString() : QString::fromStdString(first->row.note),
                              [this](const QString& text) { edit({.note = text.toStdString()}); });
               });
    makeAction(QStringLiteral("group"), tr("G&roup\u2026"), tr("That the selected runs belong to"), Qt::Key_G, [this] {
        const std::vector<std::string> ids = selectedRuns();
        const RunRecord* first = ids.empty() ? nullptr : m_workspace.find(ids.front());
        askForText(tr("Group"), tr("Group of %1").arg(runsText(ids.size())),
                   first == nullptr ? QString() : QString::fromStdString(first->row.group),
                   [this](const QString& text) { edit({.group = text.trimmed().toStdString()}); });
    });
    separate();
    makeAction(QStringLiteral("queue"), tr("St&art or resume"), tr("Queue the selected runs"), {}, [this] { queue(); });
    makeAction(QStringLiteral("trash"), tr("Move to t&rash"), tr("The selected runs; File \u2192 Trash restores them"),
               Qt::Key_Delete, [this] { moveToTrash(); });
    separate();
    makeAction(QStringLiteral("copy"), tr("&Copy"), tr("The selected rows with tabs between the columns"),
               QKeySequence::Copy, [this] { copyTsv(); });
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu); // by mouse and by the menu key
    updateActions();
}

void TablePage::updateActions()
{
    const std::vector<std::string> ids = selectedRuns();
    for (QAction* action : m_ofSelection) {
        action->setEnabled(!ids.empty());
    }
    const std::set<std::string>& pinned = m_model->view().pinned;
    const bool all =
        !ids.empty() && std::all_of(ids.begin(), ids.end(), [&](const std::string& id) { return pinned.contains(id); });
    m_pin->setText(all ? tr("Un&pin") : tr("&Pin to the top"));
    m_unmeasure->setEnabled(!m_model->view().baseline.empty());
}

void TablePage::askForText(const QString& title, const QString& label, const QString& text,
                           const std::function<void(const QString&)>& take)
{
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName(QStringLiteral("tableText"));
    dialog->setWindowTitle(title);
    dialog->setLabelText(label);
    dialog->setTextValue(text);
    connect(dialog, &QInputDialog::textValueSelected, this, take);
    dialog->open();
}

std::function<void(const std::vector<Failure>& failures)> TablePage::answer()
{
    return [page = QPointer<TablePage>(this)](const std::vector<Failure>& failures) {
        if (page) { // the feed outlives it
            page->say(failures.empty() ? QString() : windowWords(joined(failures).text()));
            Q_EMIT page->carriedOut();
        }
    };
}

void TablePage::say(const QString& problem)
{
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
}

void TablePage::edit(const jobs::RunEdit& change)
{
    edit(selectedRuns(), change);
}

void TablePage::edit(const std::vector<std::string>& runIds, const jobs::RunEdit& change)
{
    if (!runIds.empty()) {
        m_workspace.editRuns(runIds, change, answer());
    }
}

void TablePage::editCell(const QString& runId, const QString& columnId, const QString& text)
{
    const std::string id = columnId.toStdString();
    const auto column = std::find_if(m_columns.begin(), m_columns.end(),
                                     [&](const jobs::RunColumn& candidate) { return candidate.id == id; });
    jobs::RunEdit change;
    switch (column == m_columns.end() ? jobs::ColumnEdit::None : column->edit) {
    case jobs::ColumnEdit::None: return;
    case jobs::ColumnEdit::Name: change.name = text.trimmed().toStdString(); break;
    case jobs::ColumnEdit::Group: change.group = text.trimmed().toStdString(); break;
    case jobs::ColumnEdit::Note: change.note = text.toStdString(); break;
    case jobs::ColumnEdit::Tags: {
        auto tags = jobs::parseTags(text.toStdString());
        if (!tags) {
            say(QString::fromStdString(tags.failure().text()));
            return;
        }
        change.tags = *std::move(tags);
        break;
    }
    }
    edit({runId.toStdString()}, change);
}

void TablePage::queue()
{
    const std::vector<std::string> ids = selectedRuns();
    if (ids.empty()) {
        return;
    }
    m_commands.run(
        this,
        [ids, root = m_workspace.workspace()](const std::atomic<bool>&) -> Result<CommandOutcome> {
            return queueRuns(root, ids);
        },
        [told = answer()](const Result<CommandOutcome>& result) {
            told(result ? result->failures : std::vector<Failure>{result.failure()});
        });
}

void TablePage::moveToTrash()
{
    if (const std::vector<std::string> ids = selectedRuns(); !ids.empty()) {
        m_workspace.moveToTrash(ids, answer());
    }
}

void TablePage::copyTsv() const
{
    std::vector<int> rows;
    const QModelIndexList selected = m_view->selectionModel()->selectedRows();
    for (const QModelIndex& row : selected) {
        rows.push_back(row.row());
    }
    std::sort(rows.begin(), rows.end());
    QApplication::clipboard()->setText(m_model->toTsv(rows));
}

void TablePage::exportCsv()
{
    auto* dialog = new QFileDialog(this, tr("Save the table"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(tr("CSV (*.csv)"));
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    connect(dialog, &QFileDialog::fileSelected, this, &TablePage::exportTo);
    dialog->open();
}

void TablePage::exportTo(const QString& file)
{
    m_commands.run(
        this,
        [csv = QByteArray::fromStdString(m_model->toCsv()), file](const std::atomic<bool>&) {
            return writeFile(csv, file);
        },
        [this](const Result<void>& written) {
            say(written ? QString() : QString::fromStdString(written.failure().text()));
            Q_EMIT carriedOut();
        });
}

} // namespace dskd::ui
