#pragma once

#include "core/config/plan/plan.h"
#include "ui/look/findable.h"
#include "ui/look/theme.h"

#include <QMainWindow>
#include <QMenu>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

class QLabel;
class QTabWidget;

namespace dskd::ui
{

class Background;
class BottomPanel;
class DetailsPanel;
class EditHistory;
class ExperimentActions;
class MessageBar;
class RunActions;
class RunList;
class RunTreeModel;
class WorkspaceFeed;

// The window on one workspace: runs at the left, pages in the middle, the selected run at the right, queue and log at
// the bottom. Knows the feed, not what the pages draw: whoever composes the program hands them in. GUI thread only.
class MainWindow final : public QMainWindow
{
    Q_OBJECT
public:
    MainWindow(WorkspaceFeed& feed, Background& background, QWidget* parent = nullptr);
    ~MainWindow() override;

    // In the order of the tabs; Alt+1, Alt+2 ... go there. The window takes ownership.
    void addPage(QWidget* page, const QString& title, const QString& iconName);
    // Above what closes the window.
    void insertInFileMenu(QAction& action) { m_fileMenu->insertAction(m_fileEnd, &action); }
    // What Ctrl+K finds besides commands, experiments and runs.
    void addFindables(FindableSource source) { m_findables.push_back(std::move(source)); }
    // Restores the layout of the last session. To be called when every page has been added.
    void restoreLayout();
    void setAppearance(Appearance appearance);

    [[nodiscard]] MessageBar& messages() const { return *m_messages; }
    [[nodiscard]] RunList& runList() const { return *m_runs; }
    [[nodiscard]] RunTreeModel& runModel() const { return *m_model; }
    [[nodiscard]] QTabWidget& pages() const { return *m_pages; }
    [[nodiscard]] EditHistory& history() const { return *m_history; }

Q_SIGNALS:
    void closed();
    void runsChosen(const std::vector<std::string>& shown, const std::vector<std::string>& selected);
    // To be edited in the dialog, with the plan that it begins with. An empty name: a new experiment.
    void experimentRequested(const std::string& name, const std::optional<config::Plan>& plan);
    void openWorkspaceRequested();
    // Files and folders that were dropped on the window, where nothing in it takes them itself.
    void pathsDropped(const std::vector<std::filesystem::path>& paths);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void makeDocks();
    void resizeDocks();
    void makeMenus();
    void fillExperimentMenu(QMenu& menu);
    void connectFeed();
    void connectExperiments();
    void onSnapshot();
    void updateActions();
    void drawOnly(const std::vector<std::int64_t>& experimentIds);
    void selectAdded();
    void emitSelection();
    void showStatus();
    void duplicateSelected();
    void exportSelected();
    void showPalette();
    void showShortcuts();
    void resetLayout();
    QAction* addAction(QMenu& menu, const QString& name, const QString& text, const QString& shortcut,
                       const QString& tip, const std::function<void()>& act);

    WorkspaceFeed& m_feed;
    Background& m_background;
    RunTreeModel* m_model;
    RunList* m_runs;
    RunActions* m_actions;
    ExperimentActions* m_experimentActions;
    EditHistory* m_history;
    QTabWidget* m_pages;
    MessageBar* m_messages;
    DetailsPanel* m_details;
    BottomPanel* m_bottom;
    QLabel* m_runLabel;
    QLabel* m_countLabel;
    QMenu* m_fileMenu = nullptr;
    QAction* m_fileEnd = nullptr; // what others put into it stands above
    std::vector<FindableSource> m_findables;
    QByteArray m_firstLayout;         // without any change by a person
    std::vector<std::string> m_added; // runs added by this window that are not in the list yet
    std::vector<std::string> m_drawn; // as runsChosen had them last
    std::vector<std::string> m_selected;
    bool m_selectedOnce = false; // the first selection is made
    bool m_docksSized = false;
    bool m_focusSet = false; // keyboard focus is in the list of runs
    bool m_restored = false; // the layout of the last session is shown
};

} // namespace dskd::ui
