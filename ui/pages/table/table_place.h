#pragma once

#include <string>
#include <vector>

class QTableView;

namespace dskd::ui
{

class RunTableModel;

// Where a person is in the table of runs: the selected runs, the current cell and the scroll position, by the ids of
// runs, so that all of it is found again after the model's reset. View and model outlive it. GUI thread only.
class TablePlace
{
public:
    TablePlace(QTableView& view, RunTableModel& model) : m_view(view), m_model(model) {}

    // Of a row across seeds all its runs, in the order of the table.
    [[nodiscard]] std::vector<std::string> selectedRuns() const;
    // Selects the rows of these runs and shows the first; where the table has none of them nothing changes.
    void select(const std::vector<std::string>& runIds);

    void remember(); // before the reset
    void restore();  // after it

private:
    QTableView& m_view;
    RunTableModel& m_model;
    std::vector<std::string> m_selected;
    std::string m_current;
    int m_currentColumn = 0;
    int m_scroll = 0;
};

} // namespace dskd::ui
