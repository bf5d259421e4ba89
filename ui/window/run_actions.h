#pragma once

#include "ui/feed/workspace_feed.h"

#include <QObject>
#include <functional>
#include <string>
#include <vector>

class QAction;
class QWidget;

namespace dskd::ui
{

// What can be done with the selected runs, as actions that menus, buttons and the palette share. Each knows when it can
// be used. GUI thread only.
class RunActions final : public QObject
{
    Q_OBJECT
public:
    // `selected`: the ids that an action works on. `window` owns the shortcuts and any question that is asked.
    RunActions(WorkspaceFeed& feed, QWidget& window, std::function<std::vector<std::string>()> selected);

    void update(); // after the selection or a status changed; `rename`, which is the experiments' too, is the window's

    QAction* newExperiment;
    QAction* duplicate;
    QAction* start; // or resume
    QAction* stop;
    QAction* checkpoint;
    QAction* kill;
    QAction* rename;
    QAction* toggleShown;
    QAction* exportStudent;
    QAction* trash;

private:
    QAction* add(const QString& name, const QString& text, const QString& iconName, const QString& shortcut,
                 const QString& tip);
    [[nodiscard]] std::vector<std::string> where(const std::function<bool(const RunRecord&)>& holds) const;
    void askBeforeTrash();
    void askBeforeKill();

    WorkspaceFeed& m_feed;
    QWidget& m_window;
    std::function<std::vector<std::string>()> m_selected;
};

} // namespace dskd::ui
