// Files of the page of pairs: the models and data that a person adds by a dialog or by dropping them, and the exports.

#include "core/pairs/pair_table.h"
#include "core/text/table.h"
#include "ui/feed/workspace_feed.h"
#include "ui/pages/pairs/pairs_model.h"
#include "ui/pages/pairs/pairs_page.h"
#include "ui/pages/shared/point_export.h"

#include <QApplication>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QMimeData>
#include <QUrl>

namespace dskd::ui
{
namespace
{

std::vector<std::filesystem::path> localPaths(const QMimeData& dropped)
{
    std::vector<std::filesystem::path> paths;
    for (const QUrl& url : dropped.urls()) {
        if (url.isLocalFile()) {
            paths.emplace_back(url.toLocalFile().toStdString());
        }
    }
    return paths;
}

} // namespace

void PairsPage::askForModel()
{
    auto* dialog = new QFileDialog(this, tr("Add a model folder"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString& folder) { addPaths({folder.toStdString()}); });
    dialog->open();
}

void PairsPage::askForData()
{
    auto* dialog = new QFileDialog(this, tr("Add a data file"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("JSON lines (*.jsonl *.json)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) { addPaths({file.toStdString()}); });
    dialog->open();
}

void PairsPage::askForCsv()
{
    auto* dialog = new QFileDialog(this, tr("Export the pairs"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(tr("CSV (*.csv)"));
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    connect(dialog, &QFileDialog::fileSelected, this, &PairsPage::exportTo);
    dialog->open();
}

void PairsPage::exportTo(const QString& file)
{
    m_background.run(
        this,
        [csv = QByteArray::fromStdString(pairs::toCsv(m_model->cells())), file](const std::atomic<bool>&) {
            return writeFile(csv, file);
        },
        [this, file](const Result<void>& written) {
            say(written ? tr("written to %1").arg(file) : QString::fromStdString(written.failure().text()), !written);
        });
}

void PairsPage::copyLatex() const
{
    QApplication::clipboard()->setText(QString::fromStdString(text::toLatex(pairs::toTextTable(m_model->cells()))));
}

void PairsPage::addPaths(const std::vector<std::filesystem::path>& paths)
{
    if (m_cancel) {
        *m_cancel = true; // the thread is free for it
    }
    say(tr("Reading %n file(s) or folder(s)\u2026", nullptr, static_cast<int>(paths.size())));
    m_background.run(
        this, [root = m_workspace.workspace(), paths](const std::atomic<bool>&) { return addInputs(root, paths); },
        [this](const Result<AddedInputs>& added) {
            if (added && !added->data.empty()) {
                m_data = added->data;
                m_model->clearCells();
                Q_EMIT stateChanged();
            }
            QStringList problems;
            if (!added) {
                problems += QString::fromStdString(added.failure().text());
            } else {
                for (const std::string& problem : added->problems) {
                    problems += QString::fromStdString(problem);
                }
            }
            m_problems = problems.join('\n');
            say(m_problems, true);
            refresh();
        });
}

void PairsPage::dragEnterEvent(QDragEnterEvent* event)
{
    if (!localPaths(*event->mimeData()).empty()) {
        event->acceptProposedAction();
    }
}

void PairsPage::dropEvent(QDropEvent* event)
{
    const auto paths = localPaths(*event->mimeData());
    if (!paths.empty()) {
        event->acceptProposedAction();
        addPaths(paths);
    }
}

} // namespace dskd::ui
