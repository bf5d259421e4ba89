#pragma once

#include <QWidget>
#include <set>
#include <string>
#include <vector>

class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTreeView;

namespace dskd::ui
{

class RunFilter;
class RunTreeModel;

// The experiments at the left: a filter line over the tree of runs, or a sentence and a button where there is nothing
// to list. GUI thread only.
class RunList final : public QWidget
{
    Q_OBJECT
public:
    explicit RunList(RunTreeModel& model, QWidget* parent = nullptr);

    [[nodiscard]] std::vector<std::string> selected() const; // in the order of the list
    void select(const std::vector<std::string>& runIds);
    void editName(); // of the current run
    void focusFilter();
    void setLoaded(bool loaded); // false: still reading the workspace
    [[nodiscard]] QTreeView& view() const { return *m_view; }

Q_SIGNALS:
    void selectionChanged();
    void newRequested();
    void menuRequested(const QPoint& globalPosition);

private:
    void updateEmptyState();
    void expandNew();
    void rememberView();
    void restoreView();

    struct View {
        std::vector<std::string> selected;
        std::set<QString> folded; // groups
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
    bool m_loaded = false;
};

} // namespace dskd::ui
