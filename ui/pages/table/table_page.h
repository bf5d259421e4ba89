#pragma once

#include "core/jobs/table/run_edit.h"
#include "core/jobs/table/run_query.h"
#include "ui/feed/background.h"
#include "ui/pages/shared/page.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

class QAction;
class QBoxLayout;
class QCheckBox;
class QLabel;
class QLineEdit;

namespace dskd::ui
{

class MutedLabel;
class PageStack;
class RunTableModel;
class RunTableWidget;
class TablePlace;
struct RunTableView;

// Every run of the workspace in one table: a query, columns of one's own, seeds side by side, a baseline, and what a
// person says of runs, changed in place or of many at once. GUI thread only.
class TablePage final : public Page
{
    Q_OBJECT
public:
    TablePage(WorkspaceFeed& workspace, Background& background, QWidget* parent = nullptr);
    ~TablePage() override;

    // The table has all runs; those selected in the list are selected here as well.
    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) override;
    [[nodiscard]] QJsonObject savedState() const override;
    void restoreState(const QJsonObject& state) override;

    [[nodiscard]] const RunTableModel& model() const { return *m_model; }
    void setQuery(const QString& text);
    void setColumns(std::vector<std::string> ids);
    void setAcrossSeeds(bool on);
    void setBaseline(const std::string& runId); // empty: none
    void setPinned(std::set<std::string> runIds);
    [[nodiscard]] std::vector<std::string> selectedRuns() const;

    // Of the selected runs.
    void edit(const jobs::RunEdit& change);
    void queue();
    void moveToTrash();
    void copyTsv() const;
    void exportCsv(); // of all rows; asks where to
    void exportTo(const QString& file);

Q_SIGNALS:
    void carriedOut(); // the result of a command on the selected runs, or its failure

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override; // of the table's viewport

private:
    void makeToolBar(QBoxLayout& into);
    void makeTable();
    void makeActions();
    QAction* makeAction(const QString& name, const QString& text, const QString& tip, const QKeySequence& keys,
                        const std::function<void()>& act);
    void updateActions();
    void refresh();
    void findColumns();
    void changeView(const std::function<void(RunTableView&)>& change);
    void takeQuery();
    void readConfigs();
    void showCount();
    void showWidths();
    void widenTexts();
    void takeColumnOrder();
    void chooseColumns();
    void askForText(const QString& title, const QString& label, const QString& text,
                    const std::function<void(const QString&)>& take);
    // Shows the result of a command of this page.
    [[nodiscard]] std::function<void(const std::vector<Failure>& failures)> answer();
    void edit(const std::vector<std::string>& runIds, const jobs::RunEdit& change);
    void say(const QString& problem); // empty: nothing is wrong
    void editCell(const QString& runId, const QString& columnId, const QString& text);

    WorkspaceFeed& m_workspace;
    Background& m_background;                                                                    // reads
    Background m_commands{QStringLiteral("table"), nullptr, Background::OnClose::FinishPending}; // changes
    std::vector<jobs::RunColumn> m_columns;                                                      // all there are
    std::vector<std::string> m_chosen;   // ids, in the order of the table; of unknown ones too
    std::map<std::string, int> m_widths; // that a person gave, by id
    std::vector<std::string> m_listSelection;
    bool m_reading = false;       // configurations
    bool m_foundColumns = false;  // of the runs that there are
    bool m_showingWidths = false; // they are being set
    RunTableModel* m_model;
    PageStack* m_stack;
    RunTableWidget* m_view;
    QLineEdit* m_query;
    QLabel* m_problem;
    QCheckBox* m_acrossSeeds;
    MutedLabel* m_count;
    std::unique_ptr<TablePlace> m_place;
    QAction* m_pin = nullptr;
    QAction* m_measure = nullptr;
    QAction* m_unmeasure = nullptr;
    std::vector<QAction*> m_ofSelection;
};

} // namespace dskd::ui
