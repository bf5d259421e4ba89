// Menus of the main window, and the dialogs they open.

#include "core/jobs/run_folder.h"
#include "ui/feed/background.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/window/about_dialog.h"
#include "ui/window/bottom_panel.h"
#include "ui/window/cache_dialog.h"
#include "ui/window/command_palette.h"
#include "ui/window/edit_history.h"
#include "ui/window/experiment_actions.h"
#include "ui/window/guide_window.h"
#include "ui/window/main_window.h"
#include "ui/window/message_bar.h"
#include "ui/window/run_actions.h"
#include "ui/window/run_list.h"
#include "ui/window/student_export.h"
#include "ui/window/trash_dialog.h"

#include <QActionGroup>
#include <QDockWidget>
#include <QFormLayout>
#include <QLabel>
#include <QMenuBar>
#include <QSettings>
#include <QTabWidget>
#include <iterator>

namespace dskd::ui
{

QAction* MainWindow::addAction(QMenu& menu, const QString& name, const QString& text, const QString& shortcut,
                               const QString& tip, const std::function<void()>& act)
{
    auto* action = menu.addAction(text);
    action->setObjectName(name);
    action->setShortcut(QKeySequence(shortcut));
    action->setToolTip(tip);
    action->setStatusTip(tip);
    connect(action, &QAction::triggered, this, act);
    return action;
}

void MainWindow::makeMenus()
{
    QMenu* file = menuBar()->addMenu(tr("&File"));
    file->addAction(m_actions->newExperiment);
    file->addAction(m_experimentActions->importFile);
    addAction(*file, "openWorkspace", tr("&Open workspace …"), "Ctrl+O", tr("Another workspace in another window"),
              [this] { Q_EMIT openWorkspaceRequested(); });
    addAction(*file, "showTrash", tr("&Trash …"), {},
              tr("Runs that were moved away: restore them or delete them for good"), [this] {
                  auto* dialog = new TrashDialog(m_feed, this);
                  dialog->setAttribute(Qt::WA_DeleteOnClose);
                  dialog->open();
              });
    addAction(*file, "showCache", tr("Teac&hers' cache …"), {},
              tr("What is kept of teachers for later runs, and the disk that it takes"), [this] {
                  auto* dialog = new CacheDialog({m_feed.workspace()}, m_background, this);
                  dialog->setAttribute(Qt::WA_DeleteOnClose);
                  dialog->open();
              });
    m_fileMenu = file;
    m_fileEnd = file->addSeparator();
    addAction(*file, "quit", tr("&Close window"), "Ctrl+Q", tr("Workers go on; opening the workspace again shows them"),
              [this] { close(); });

    QMenu* changes = menuBar()->addMenu(tr("&Edit"));
    changes->addAction(m_history->undo);
    changes->addAction(m_history->redo);

    QMenu* run = menuBar()->addMenu(tr("&Run"));
    for (QAction* action : {m_actions->start, m_actions->stop, m_actions->checkpoint, m_actions->kill}) {
        run->addAction(action);
    }
    run->addSeparator();
    for (QAction* action : {m_actions->rename, m_actions->duplicate, m_actions->toggleShown, m_actions->exportStudent,
                            m_actions->trash}) {
        run->addAction(action);
    }
    run->addSeparator();
    QMenu* experiment = run->addMenu(tr("E&xperiment"));
    experiment->setObjectName("experimentMenu");
    fillExperimentMenu(*experiment);
    connect(m_runs, &RunList::menuRequested, this,
            [run, experiment](const QPoint& at, bool onExperiment) { (onExperiment ? experiment : run)->popup(at); });

    QMenu* view = menuBar()->addMenu(tr("&View"));
    addAction(*view, "filter", tr("&Filter runs"), "Ctrl+F", tr("Go to the filter line"),
              [this] { m_runs->focusFilter(); });
    for (int page = 0; page < 9; ++page) {
        auto* go = addAction(*view, QStringLiteral("page%1").arg(page + 1), tr("Page &%1").arg(page + 1),
                             QStringLiteral("Alt+%1").arg(page + 1), tr("Go to this page"),
                             [this, page] { m_pages->setCurrentIndex(std::min(page, m_pages->count() - 1)); });
        go->setVisible(false); // until there is such a page
    }
    view->addSeparator();
    const std::pair<const char*, const char*> docks[] = {
        {"runsDock", "Ctrl+J"}, {"detailsDock", "Ctrl+I"}, {"bottomDock", "Ctrl+B"}};
    for (const auto& [name, shortcut] : docks) {
        QAction* toggle = findChild<QDockWidget*>(QLatin1String(name))->toggleViewAction();
        toggle->setObjectName(QLatin1String("toggle.") + QLatin1String(name));
        toggle->setShortcut(QKeySequence(QLatin1String(shortcut)));
        toggle->setToolTip(tr("Show or hide this panel"));
        view->addAction(toggle);
    }
    view->addMenu(&m_runs->columnsMenu());
    view->addAction(m_experimentActions->showArchived);
    addAction(*view, "resetLayout", tr("&Reset the layout"), {}, tr("Panels where they were at first"),
              [this] { resetLayout(); });
    addAction(*view, "fullScreen", tr("F&ull screen"), "F11", tr("Fill the screen, or no longer"),
              [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    QMenu* looks = view->addMenu(tr("&Appearance"));
    auto* group = new QActionGroup(this);
    const auto now = static_cast<Appearance>(QSettings().value("appearance", 0).toInt());
    const std::tuple<Appearance, const char*, QString> appearances[] = {
        {Appearance::System, "appearanceSystem", tr("As the &desktop")},
        {Appearance::Light, "appearanceLight", tr("&Light")},
        {Appearance::Dark, "appearanceDark", tr("D&ark")}};
    for (const auto& [appearance, name, text] : appearances) {
        QAction* action = addAction(*looks, QLatin1String(name), text, {}, tr("Colours of the window"),
                                    [this, wanted = appearance] { setAppearance(wanted); });
        action->setCheckable(true);
        action->setChecked(appearance == now);
        group->addAction(action);
    }

    QMenu* help = menuBar()->addMenu(tr("&Help"));
    addAction(*help, "guide", tr("&Guide"), "F1", tr("How to do what, page by page"), [this] { showGuide(*this); });
    addAction(*help, "palette", tr("&Find …"), "Ctrl+K", tr("A command, a run, an experiment or a metric by its name"),
              [this] { showPalette(); });
    addAction(*help, "shortcuts", tr("&Shortcuts …"), "Ctrl+/", tr("All keys"), [this] { showShortcuts(); });
    addAction(*help, "about", tr("&About …"), {}, tr("Versions and devices"), [this] {
        auto* dialog = new AboutDialog(this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->open();
    });
}

void MainWindow::fillExperimentMenu(QMenu& menu)
{
    ExperimentActions& actions = *m_experimentActions;
    for (QAction* action : {actions.edit, actions.duplicate, actions.runMissing, actions.runAgain, actions.compare}) {
        menu.addAction(action);
    }
    menu.addSeparator();
    for (QAction* action : {m_actions->rename, actions.notes, actions.archive, actions.showArchived}) {
        menu.addAction(action);
    }
    menu.addSeparator();
    for (QAction* action : {actions.exportFile, actions.importFile, actions.remove}) {
        menu.addAction(action);
    }
}

void MainWindow::showPalette()
{
    // What another page does is done with what is seen there.
    const auto onAnotherPage = [this](const QObject* action) {
        const QObject* part = action;
        while (part != nullptr && part != m_pages && part != m_pages->currentWidget()) {
            part = part->parent();
        }
        return part == m_pages;
    };
    std::vector<Findable> all;
    for (auto* action : findChildren<QAction*>()) {
        if (!action->objectName().isEmpty() && !action->text().isEmpty() && action->isVisible() &&
            !onAnotherPage(action)) {
            all.push_back(findableOf(*action));
        }
    }
    for (const ExperimentRecord& experiment : m_feed.experiments()) {
        std::vector<std::string> runs;
        for (const RunRecord& run : m_feed.runs()) {
            if (run.row.experiment == experiment.row.id) {
                runs.push_back(run.row.id);
            }
        }
        if (!runs.empty()) {
            all.push_back({.text = shownName(experiment.row.name),
                           .kind = tr("Experiment"),
                           .tip = tr("Select its runs"),
                           .act = [this, runs = std::move(runs)] { m_runs->select(runs); }});
        }
    }
    for (const RunRecord& run : m_feed.runs()) {
        all.push_back({.text = runTitle(run),
                       .kind = tr("Run"),
                       .tip = QString::fromStdString(run.status.sentence),
                       .act = [this, id = run.row.id] { m_runs->select({id}); }});
    }
    for (const FindableSource& source : m_findables) {
        std::vector<Findable> more = source();
        all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    auto* dialog = new CommandPalette(std::move(all), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void MainWindow::showShortcuts()
{
    auto* dialog = new QDialog(this);
    dialog->setObjectName("shortcutList");
    dialog->setWindowTitle(tr("Shortcuts"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    auto* rows = new QFormLayout(dialog);
    rows->setHorizontalSpacing(kSpace6);
    for (const auto* action : findChildren<QAction*>()) {
        if (!action->shortcut().isEmpty() && !action->objectName().isEmpty() && action->isVisible()) {
            rows->addRow(plainText(*action), new QLabel(action->shortcut().toString(QKeySequence::NativeText), dialog));
        }
    }
    rows->addRow(tr("In a chart"),
                 new QLabel(tr("← → crosshair · + − zoom · 0 everything · L log axis · Ctrl+C copy"), dialog));
    rows->addRow(tr("In a heat map"), new QLabel(tr("arrows cell · + − zoom · 0 everything"), dialog));
    dialog->open();
}

void MainWindow::duplicateSelected()
{
    const auto selected = m_runs->selected();
    if (selected.size() != 1) {
        return;
    }
    const RunLayout layout = WorkspaceLayout{m_feed.workspace()}.run(selected.front());
    m_background.run(
        this, [layout](const std::atomic<bool>&) { return jobs::runConfig(layout); },
        [this](Result<config::Experiment> experiment) {
            if (experiment) {
                Q_EMIT experimentRequested({}, config::Plan{*std::move(experiment), {}, {}, {}, {}});
            } else {
                m_messages->showMessage(Tone::Bad, QString::fromStdString(experiment.failure().what),
                                        QString::fromStdString(experiment.failure().hint));
            }
        });
}

void MainWindow::exportSelected()
{
    const auto selected = m_runs->selected();
    if (selected.size() != 1) {
        return;
    }
    auto* job = new StudentExport(WorkspaceLayout{m_feed.workspace()}.run(selected.front()), this);
    connect(job, &StudentExport::started, this,
            [this](const QString& what) { m_messages->showMessage(Tone::Info, what); });
    connect(job, &StudentExport::finished, this, [this](bool done, const QString& what, const QString& hint) {
        m_messages->showMessage(done ? Tone::Good : Tone::Bad, what, hint);
    });
    job->askForFolder();
}

} // namespace dskd::ui
