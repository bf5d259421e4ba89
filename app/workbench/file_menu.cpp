#include "app/workbench/file_menu.h"

#include "app/report/report.h"
#include "app/report/tensorboard.h"
#include "app/workbench/recent_workspaces.h"
#include "app/workbench/start_window.h"
#include "core/store/workspace_db.h"
#include "ui/feed/background.h"
#include "ui/look/format.h"
#include "ui/look/window_words.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/main_window.h"
#include "ui/window/message_bar.h"

#include <QAction>
#include <QFileDialog>
#include <QMenu>
#include <utility>

namespace dskd::workbench
{
namespace
{

// A sentence for each run that could not be read; empty: all were.
QString leftOutTexts(const std::vector<jobs::UnreadRun>& runs)
{
    QStringList sentences;
    for (const jobs::UnreadRun& run : runs) {
        sentences += ui::windowWords(jobs::leftOutText(run));
    }
    return sentences.join('\n');
}

} // namespace

FileMenu::FileMenu(std::filesystem::path workspace, ui::MainWindow& window)
    : QObject(&window), m_workspace(std::move(workspace)), m_window(window),
      m_writing(std::make_unique<ui::Background>("report"))
{
    addRecent();
    const QAction* report = add("writeReport", tr("Write a &report …"),
                                tr("Curves, maps, answers and comparison of the shown runs in one HTML file"));
    connect(report, &QAction::triggered, this, [this] {
        auto* dialog =
            new QFileDialog(&m_window, tr("Report"), QString::fromStdString(m_workspace.string()), tr("HTML (*.html)"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setDefaultSuffix("html");
        dialog->selectFile("report.html");
        connect(dialog, &QFileDialog::fileSelected, this, &FileMenu::writeReport);
        dialog->open();
    });
    const QAction* events = add("writeEventFiles", tr("Write for Tensor&Board …"),
                                tr("Every point of the shown runs as event files, one folder a run"));
    connect(events, &QAction::triggered, this, [this] {
        auto* dialog = new QFileDialog(&m_window, tr("Folder for the event files"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(QFileDialog::Directory);
        connect(dialog, &QFileDialog::fileSelected, this, &FileMenu::writeEventFiles);
        dialog->open();
    });
}

FileMenu::~FileMenu() = default;

QAction* FileMenu::add(const QString& name, const QString& text, const QString& tip)
{
    auto* action = new QAction(text, this);
    action->setObjectName(name);
    action->setToolTip(tip);
    action->setStatusTip(tip);
    m_window.insertInFileMenu(*action);
    return action;
}

void FileMenu::addRecent()
{
    auto* menu = new QMenu(tr("Open &recent"), &m_window);
    menu->setObjectName("openRecent");
    connect(menu, &QMenu::aboutToShow, this, [this, menu] {
        menu->clear();
        for (const QString& folder : recentWorkspaces()) {
            if (folder != QString::fromStdString(m_workspace.string())) {
                connect(menu->addAction(folder), &QAction::triggered, this, [this, folder] {
                    QString trouble;
                    if (!openWorkspace(folder, &trouble)) {
                        m_window.messages().showMessage(ui::Tone::Bad, trouble);
                    }
                });
            }
        }
        if (menu->isEmpty()) {
            menu->addAction(tr("No other workspace was open yet"))->setEnabled(false);
        }
    });
    m_window.insertInFileMenu(*menu->menuAction());
}

std::vector<std::string> FileMenu::shownRuns()
{
    std::vector<std::string> runs = m_window.runModel().shownRuns();
    if (runs.empty()) {
        m_window.messages().showMessage(ui::Tone::Bad, tr("No run is shown."),
                                        tr("Tick runs in the list at the left."));
    }
    return runs;
}

void FileMenu::writeReport(const QString& file)
{
    const std::vector<std::string> runs = shownRuns();
    if (runs.empty()) {
        return;
    }
    m_window.messages().showMessage(ui::Tone::Info, tr("Writing %1 …").arg(file));
    m_writing->run(
        this,
        [root = m_workspace, runs, to = std::filesystem::path(file.toStdString())](
            const std::atomic<bool>&) -> Result<std::vector<jobs::UnreadRun>> {
            if (const Result<void> replaceable = report::requireReplaceable(to); !replaceable) {
                return replaceable.failure();
            }
            auto workspace = store::WorkspaceDb::open(root);
            return workspace ? report::writeReport(*workspace, runs, {}, to)
                             : Result<std::vector<jobs::UnreadRun>>(workspace.failure());
        },
        [this, file](const Result<std::vector<jobs::UnreadRun>>& written) {
            if (written) {
                m_window.messages().showMessage(ui::Tone::Good, tr("The report is in %1.").arg(file),
                                                leftOutTexts(*written));
            } else {
                m_window.messages().showMessage(ui::Tone::Bad, ui::windowWords(written.failure().what),
                                                ui::windowWords(written.failure().hint));
            }
        });
}

void FileMenu::writeEventFiles(const QString& folder)
{
    const std::vector<std::string> runs = shownRuns();
    if (runs.empty()) {
        return;
    }
    m_window.messages().showMessage(ui::Tone::Info, tr("Writing event files into %1 …").arg(folder));
    m_writing->run(
        this,
        [root = m_workspace, runs, to = std::filesystem::path(folder.toStdString())](
            const std::atomic<bool>& cancelled) -> Result<report::EventFiles> {
            auto workspace = store::WorkspaceDb::open(root);
            return workspace ? report::writeEventFiles(*workspace, runs, to, cancelled)
                             : Result<report::EventFiles>(workspace.failure());
        },
        [this, folder](const Result<report::EventFiles>& written) {
            if (written) {
                m_window.messages().showMessage(
                    ui::Tone::Good,
                    tr("%1 of %2 are in %3 now.")
                        .arg(ui::counted(written->points, tr("point"), tr("points")),
                             ui::counted(static_cast<std::int64_t>(written->files.size()), tr("run"), tr("runs")),
                             folder),
                    leftOutTexts(written->leftOut));
            } else {
                m_window.messages().showMessage(ui::Tone::Bad, ui::windowWords(written.failure().what),
                                                ui::windowWords(written.failure().hint));
            }
        });
}

} // namespace dskd::workbench
