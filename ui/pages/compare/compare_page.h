#pragma once

#include "core/base/result.h"
#include "core/jobs/comparison_table.h"
#include "ui/pages/shared/page.h"

#include <QElapsedTimer>
#include <QTimer>
#include <string>
#include <vector>

class QBoxLayout;
class QTableView;

namespace dskd::ui
{

class ChartGrid;
class ComparisonModel;
class MutedLabel;
class PageStack;

// What the shown runs differ in and what came of it: a table with means over seeds, the best in bold and differences to
// the baseline, over small curves of the same runs. GUI thread only.
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
    void refreshIfChanged();
    void read();
    void showTable(Result<Compared> result);
    void fitTable();

    const WorkspaceFeed& m_workspace;
    Background& m_background;
    std::vector<std::string> m_shown;
    std::string m_readState; // of the shown runs when they were read last
    bool m_reading = false;
    bool m_stale = false; // runs changed while reading
    QElapsedTimer m_sinceRead;
    QTimer m_later;

    ComparisonModel* m_model;
    PageStack* m_stack;
    QTableView* m_view;
    ChartGrid* m_charts;
    MutedLabel* m_notes;
};

} // namespace dskd::ui
