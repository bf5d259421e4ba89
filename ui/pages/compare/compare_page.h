#pragma once

#include "core/base/result.h"
#include "core/jobs/comparison_table.h"
#include "ui/pages/shared/joint_reading.h"
#include "ui/pages/shared/page.h"

#include <string>
#include <vector>

class QAction;
class QBoxLayout;
class QTableView;

namespace dskd::ui
{

class ChartGrid;
class ComparisonModel;
class MutedLabel;
class PageStack;

// What the shown runs differ in and what came of it: a table with means over seeds, the best by a test in bold,
// differences to the baseline, over small curves of the same runs. GUI thread only.
class ComparePage final : public Page
{
    Q_OBJECT
public:
    ComparePage(const WorkspaceFeed& workspace, const SeriesFeed& series, Background& background,
                QWidget* parent = nullptr);

    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) override;
    [[nodiscard]] const ComparisonModel& model() const { return *m_model; }

    void copyTsv() const;
    void copyLatex() const;
    void exportCsv(); // asks where to
    void exportTo(const QString& file);

    // The others are measured against the group of this row, or as comparisonTable() has it by default. Kept in the
    // state as the id of its first run.
    void measureAgainst(int row);
    [[nodiscard]] QJsonObject savedState() const override;
    void restoreState(const QJsonObject& state) override;

Q_SIGNALS:
    void compared(); // the table shows what the workspace holds

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    // The table and, for each of its rows, its first run.
    struct Compared {
        jobs::ComparisonTable table;
        std::vector<std::string> firstRuns;
        std::string leftOut; // a line a run that cannot be read, and why
    };
    void makeToolBar(QBoxLayout& into);
    void makeActions();
    void setBaseline(const std::string& runId); // empty: the default one
    [[nodiscard]] QString summaryOf(const jobs::ComparisonTable& table) const;
    [[nodiscard]] JointReading<Compared>::Work makeWork() const;
    void showTable(Result<Compared> result);
    void fitTable();

    const WorkspaceFeed& m_workspace;
    Background& m_background;
    std::vector<std::string> m_shown;
    JointReading<Compared> m_reading;

    std::string m_baseline;               // a run of the chosen group; empty: the default one
    std::vector<std::string> m_firstRuns; // of each row

    ComparisonModel* m_model;
    PageStack* m_stack;
    QTableView* m_view;
    QAction* m_measure = nullptr;
    QAction* m_unmeasure = nullptr;
    ChartGrid* m_charts;
    MutedLabel* m_notes;
    MutedLabel* m_marks; // what the marks in the table mean
};

} // namespace dskd::ui
