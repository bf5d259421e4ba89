#pragma once

#include "core/config/plan/plan.h"
#include "ui/feed/workspace_feed.h"

#include <QObject>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

class QAction;
class QWidget;

namespace dskd::ui
{

class Background;

// What can be done with the selected experiments, as actions that menus and the palette share. Each is enabled when it
// can be used. Files and the database are touched in the background. GUI thread only.
class ExperimentActions final : public QObject
{
    Q_OBJECT
public:
    // `selected`: the ids that an action works on. `window` owns any dialog.
    ExperimentActions(WorkspaceFeed& feed, Background& background, QWidget& window,
                      std::function<std::vector<std::int64_t>()> selected);

    void update(); // after the selection or an experiment changed
    // What the file dialogs do once a file is chosen. An existing file is overwritten: the dialog has asked.
    void exportTo(std::int64_t experimentId, const QString& file);
    void importFrom(const QString& file);

    QAction* edit;
    QAction* duplicate;
    QAction* runMissing;
    QAction* runAgain;
    QAction* compare;
    QAction* notes;
    QAction* archive; // or take out of the archive
    QAction* showArchived;
    QAction* exportFile;
    QAction* importFile;
    QAction* remove;

Q_SIGNALS:
    // The plan of an experiment was read, to be edited under this name; an empty one: to become another experiment.
    void editRequested(const std::string& name, const std::optional<config::Plan>& plan);
    void chartsRequested(const std::vector<std::int64_t>& experimentIds); // their runs are to be drawn, and no others
    void finished(bool done, const QString& what, const QString& hint);

private:
    QAction* add(const QString& name, const QString& text, const QString& iconName, const QString& tip);
    [[nodiscard]] const ExperimentRecord* record(std::int64_t id) const; // nullptr: gone
    [[nodiscard]] const ExperimentRecord* only() const;                  // the selected one; nullptr: none or several
    void readPlan(const ExperimentRecord& experiment, const std::string& name);
    void openComparison();
    void openNotes();
    void askForExport();
    void askForImport();
    void askBeforeRunningAgain();
    void askBeforeRemoving();
    void fail(const Failure& failure);

    WorkspaceFeed& m_feed;
    Background& m_background;
    QWidget& m_window;
    std::function<std::vector<std::int64_t>()> m_selected;
};

} // namespace dskd::ui
