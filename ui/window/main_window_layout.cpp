// The panels of the main window and their places, from one session to the next.

#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/bottom_panel.h"
#include "ui/window/details_panel.h"
#include "ui/window/experiment_actions.h"
#include "ui/window/main_window.h"
#include "ui/window/run_list.h"

#include <QAction>
#include <QCloseEvent>
#include <QDockWidget>
#include <QHeaderView>
#include <QLabel>
#include <QSettings>
#include <QStatusBar>
#include <QTabWidget>
#include <QTreeView>
#include <algorithm>
#include <set>
#include <string>

namespace dskd::ui
{
namespace
{

// At first: on a large screen the room is for the pages. Whoever wants more drags.
constexpr int kWidestRuns = 480;
constexpr int kWidestDetails = 420;
constexpr int kHighestBottom = 260;

// Settings are kept per workspace, by its path.
QString settingsGroup(const WorkspaceFeed& feed)
{
    return QStringLiteral("workspace") + QString::fromStdString(feed.workspace().string());
}

// A stored state of columns holds numbers only, so it is of use for the same columns in the same order alone.
QStringList columnTitles(const QAbstractItemModel& model)
{
    QStringList titles;
    for (int column = 0; column < model.columnCount(); ++column) {
        titles += model.headerData(column, Qt::Horizontal).toString();
    }
    return titles;
}

QDockWidget* dock(const QString& name, const QString& title, QWidget* content, QWidget* parent)
{
    auto* result = new QDockWidget(title, parent);
    result->setObjectName(name);
    result->setWidget(content);
    result->setFeatures(QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetClosable);
    return result;
}

} // namespace

void MainWindow::makeDocks()
{
    setDockOptions(QMainWindow::AnimatedDocks | QMainWindow::AllowNestedDocks);
    setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
    setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
    auto* runs = dock("runsDock", tr("Experiments"), m_runs, this);
    auto* details = dock("detailsDock", tr("Details"), m_details, this);
    auto* bottom = dock("bottomDock", tr("Queue and log"), m_bottom, this);
    addDockWidget(Qt::LeftDockWidgetArea, runs);
    addDockWidget(Qt::RightDockWidgetArea, details);
    addDockWidget(Qt::BottomDockWidgetArea, bottom);
    auto* workspace = new QLabel(QString::fromStdString(m_feed.workspace().string()), this);
    workspace->setToolTip(plainHint(workspace->text()));
    workspace->setMinimumWidth(1); // a long path is cut: it does not widen the window
    m_runLabel = new QLabel(this);
    m_countLabel = new QLabel(this);
    statusBar()->addWidget(workspace, 1);
    statusBar()->addPermanentWidget(m_runLabel);
    statusBar()->addPermanentWidget(m_countLabel);
}

// Docks take sizes only once the window is on the screen.
void MainWindow::resizeDocks()
{
    const auto find = [this](const char* name) { return findChild<QDockWidget*>(QLatin1String(name)); };
    const int width = this->width();
    QMainWindow::resizeDocks({find("runsDock"), find("detailsDock")},
                             {std::min(width * 28 / 100, kWidestRuns), std::min(width * 21 / 100, kWidestDetails)},
                             Qt::Horizontal);
    QMainWindow::resizeDocks({find("bottomDock")}, {std::min(height() * 15 / 100, kHighestBottom)}, Qt::Vertical);
}

void MainWindow::showEvent(QShowEvent* event)
{
    QMainWindow::showEvent(event);
    if (!m_restored && !m_docksSized) {
        m_docksSized = true;
        resizeDocks();
    }
}

void MainWindow::restoreLayout()
{
    QSettings settings;
    settings.beginGroup(settingsGroup(m_feed));
    restoreGeometry(settings.value("geometry").toByteArray());
    m_restored = restoreState(settings.value("state").toByteArray());
    m_pages->setCurrentIndex(settings.value("page", 0).toInt());
    if (settings.value("treeColumnTitles").toStringList() == columnTitles(*m_model)) {
        m_runs->view().header()->restoreState(settings.value("treeColumns").toByteArray());
    }
    m_experimentActions->showArchived->setChecked(settings.value("showArchived", false).toBool());
    if (settings.contains("shown")) {
        std::set<std::string> shown;
        for (const QString& id : settings.value("shown").toStringList()) {
            shown.insert(id.toStdString());
        }
        m_model->setShown(shown);
    }
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    m_details->savePendingNote();
    QSettings settings;
    settings.beginGroup(settingsGroup(m_feed));
    settings.setValue("geometry", saveGeometry());
    settings.setValue("state", saveState());
    settings.setValue("page", m_pages->currentIndex());
    settings.setValue("treeColumnTitles", columnTitles(*m_model));
    settings.setValue("treeColumns", m_runs->view().header()->saveState());
    settings.setValue("showArchived", m_experimentActions->showArchived->isChecked());
    if (m_feed.loaded()) {
        QStringList shown;
        for (const std::string& id : m_model->shownRuns()) {
            shown += QString::fromStdString(id);
        }
        settings.setValue("shown", shown);
    }
    QMainWindow::closeEvent(event);
    Q_EMIT closed();
}

void MainWindow::resetLayout()
{
    restoreState(m_firstLayout);
    resizeDocks();
    QSettings settings;
    settings.remove(settingsGroup(m_feed));
    for (auto* panel : findChildren<QDockWidget*>()) {
        panel->show();
    }
}

} // namespace dskd::ui
