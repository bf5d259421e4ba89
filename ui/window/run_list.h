#pragma once

#include <QTimer>
#include <QWidget>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

class QLabel;
class QModelIndex;
class QLineEdit;
class QMenu;
class QPushButton;
class QStackedWidget;
class QTreeView;

namespace dskd::ui
{

class RunFilter;
class RunTreeModel;

// The experiments at the left: a filter line over the tree of experiments and runs, or a sentence and a button where
// there is nothing to list. GUI thread only.
class RunList final : public QWidget
{
    Q_OBJECT
public:
    explicit RunList(RunTreeModel& model, QWidget* parent = nullptr);

    [[nodiscard]] std::vector<std::string> selected() const; // runs, in the order of the list
    // The selected experiments, in the order of the list; where none is, those of the selected runs.
    [[nodiscard]] std::vector<std::int64_t> experiments() const;
    // The runs that charts draw: checked, and not hidden by the filter. In the order of the list.
    [[nodiscard]] std::vector<std::string> drawnRuns() const;
    void select(const std::vector<std::string>& runIds);
    void editName();                          // of the current experiment or run
    [[nodiscard]] bool nameEditable() const;  // one row is selected, and has a name that can be edited
    [[nodiscard]] QMenu& columnsMenu() const; // which columns there are
    void focusFilter();
    void setLoaded(bool loaded); // false: still reading the workspace
    [[nodiscard]] QTreeView& view() const { return *m_view; }

Q_SIGNALS:
    void selectionChanged();
    void drawnChanged(); // the filter hides other runs than before
    void newRequested();
    void menuRequested(const QPoint& globalPosition, bool onExperiment);

private:
    void makeColumns();
    void askForMenu(const QPoint& at);
    void updateEmptyState();
    void updateFoot();
    void expandNew(const QModelIndex& parent, int first, int last);
    void rememberView();
    void restoreView();

    struct View {
        std::vector<std::string> selected;
        std::set<std::int64_t> selectedExperiments;
        std::set<std::int64_t> folded; // experiments
        int scroll = 0;
    };
    View m_before; // the model's reset
    RunTreeModel& m_model;
    RunFilter* m_filter;
    QLineEdit* m_text;
    QTreeView* m_view;
    QStackedWidget* m_stack;
    QLabel* m_empty;
    QPushButton* m_emptyAction;
    QLabel* m_foot;
    QMenu* m_columns;
    QTimer m_drawnSoon; // curves follow the filter when the typing pauses
    bool m_loaded = false;
};

} // namespace dskd::ui
