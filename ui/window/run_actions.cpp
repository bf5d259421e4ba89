#include "ui/window/run_actions.h"

#include "ui/look/theme.h"

#include <QAction>
#include <QMessageBox>
#include <QPushButton>

namespace dskd::ui
{

namespace
{

bool alive(const RunRecord& run)
{
    return jobs::isAlive(run.status.status);
}

bool startable(const RunRecord& run)
{
    return run.status.status == jobs::Status::Created || run.status.resumable;
}

} // namespace

RunActions::RunActions(WorkspaceFeed& feed, QWidget& window, std::function<std::vector<std::string>()> selected)
    : QObject(&window), m_feed(feed), m_window(window), m_selected(std::move(selected))
{
    newExperiment = add("newExperiment", tr("&New experiment …"), "new", "Ctrl+N", tr("Configure and start runs"));
    duplicate = add("duplicate", tr("&Duplicate …"), "duplicate", "Ctrl+D",
                    tr("A new experiment that starts from the configuration of the selected run"));
    start =
        add("start", tr("St&art or resume"), "play", "Ctrl+R",
            tr("Queue the selected runs: new ones start, stopped and failed ones go on from their last checkpoint"));
    stop = add("stop", tr("&Stop after this step"), "stop", "Ctrl+.",
               tr("Finish the step, write a checkpoint and stop; Start goes on from there"));
    checkpoint = add("checkpoint", tr("Write a &checkpoint now"), "restore", "Ctrl+Shift+S",
                     tr("The run goes on; its state of this moment is kept"));
    kill = add("kill", tr("&Kill …"), "close", "Ctrl+Shift+K",
               tr("End the worker at once; what came after its last checkpoint is lost"));
    rename = add("rename", tr("&Rename"), "settings", "F2", tr("Give the selected run or experiment another name"));
    toggleShown =
        add("toggleShown", tr("Show or &hide in charts"), "eye", "Space", tr("The check boxes of the selected runs"));
    exportStudent = add("exportStudent", tr("&Export student …"), "export", "Ctrl+E",
                        tr("Write the trained student as a Hugging Face folder"));
    trash = add("trash", tr("&Move to trash"), "trash", "Del",
                tr("Move the selected runs to the workspace's trash; they can be restored"));
    connect(start, &QAction::triggered, this, [this] { m_feed.enqueue(where(startable)); });
    connect(stop, &QAction::triggered, this, [this] { m_feed.stop(where(alive)); });
    connect(checkpoint, &QAction::triggered, this, [this] { m_feed.checkpointNow(where(alive)); });
    connect(kill, &QAction::triggered, this, &RunActions::askBeforeKill);
    connect(trash, &QAction::triggered, this, &RunActions::askBeforeTrash);
    // Keys of the list alone: elsewhere Space presses a button, and Delete deletes text.
    for (QAction* action : {toggleShown, trash, rename}) {
        action->setShortcutContext(Qt::WidgetShortcut);
    }
    update();
}

QAction* RunActions::add(const QString& name, const QString& text, const QString& iconName, const QString& shortcut,
                         const QString& tip)
{
    auto* action = new QAction(icon(iconName), text, &m_window);
    action->setObjectName(name);
    action->setShortcut(QKeySequence(shortcut));
    action->setToolTip(tip);
    action->setStatusTip(tip);
    m_window.addAction(action);
    return action;
}

std::vector<std::string> RunActions::where(const std::function<bool(const RunRecord&)>& holds) const
{
    std::vector<std::string> ids;
    for (const std::string& id : m_selected()) {
        if (const RunRecord* run = m_feed.find(id); run != nullptr && holds(*run)) {
            ids.push_back(id);
        }
    }
    return ids;
}

void RunActions::update()
{
    const auto any = where([](const RunRecord&) { return true; });
    const bool anyAlive = !where(alive).empty();
    duplicate->setEnabled(any.size() == 1);
    exportStudent->setEnabled(any.size() == 1 &&
                              !where([](const RunRecord& run) { return run.status.checkpoint.has_value(); }).empty());
    start->setEnabled(!where(startable).empty());
    stop->setEnabled(anyAlive);
    checkpoint->setEnabled(anyAlive);
    kill->setEnabled(anyAlive);
    toggleShown->setEnabled(!any.empty());
    trash->setEnabled(!any.empty());
}

void RunActions::askBeforeTrash()
{
    const auto ids = m_selected();
    const auto running = where(alive);
    if (running.empty()) {
        m_feed.moveToTrash(ids);
        return;
    }
    auto* box = new QMessageBox(QMessageBox::Question, tr("Move to trash"),
                                tr("%1 of the selected runs is still training.").arg(running.size()),
                                QMessageBox::Cancel, &m_window);
    box->setInformativeText(tr("A run must be stopped before it can be moved. Stopping keeps a checkpoint."));
    const auto* stopButton = box->addButton(tr("Stop it"), QMessageBox::AcceptRole);
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(stopButton, &QPushButton::clicked, this, [this, running] { m_feed.stop(running); });
    box->open();
}

void RunActions::askBeforeKill()
{
    const auto running = where(alive);
    auto* box = new QMessageBox(QMessageBox::Warning, tr("Kill"),
                                tr("End %1 at once?").arg(running.size() == 1 ? tr("the worker") : tr("the workers")),
                                QMessageBox::Cancel, &m_window);
    box->setInformativeText(tr("Steps after the last checkpoint are computed again when the run is resumed. \"Stop\" "
                               "loses nothing."));
    const auto* killButton = box->addButton(tr("Kill"), QMessageBox::DestructiveRole);
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(killButton, &QPushButton::clicked, this, [this, running] { m_feed.kill(running); });
    box->open();
}

} // namespace dskd::ui
