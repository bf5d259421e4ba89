#pragma once

#include "ui/pages/curves/curves_state.h"
#include "ui/pages/curves/drawn_runs.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <optional>
#include <set>

class QGridLayout;

namespace dskd::ui
{

class ChartCard;

// Charts side by side, as many columns as the width allows, with one crosshair through all of them. New points reach
// only the charts that have a curve of that run, at most ten times a second, and none while the grid is hidden.
// GUI thread only.
class ChartGrid final : public QWidget
{
    Q_OBJECT
public:
    // `editable`: charts have a menu to change, move and remove them.
    ChartGrid(const WorkspaceFeed& workspace, const SeriesFeed& series, bool editable, QWidget* parent = nullptr);
    ~ChartGrid() override;

    void setRuns(const std::vector<std::string>& shown, const std::vector<std::string>& selected);
    void setArrangement(CurvesPageState arrangement);
    [[nodiscard]] const CurvesPageState& arrangement() const { return m_arrangement; }
    void moveChart(int from, int to);

    [[nodiscard]] std::vector<DrawnRun> runs() const;
    [[nodiscard]] int columns() const { return m_columns; }

Q_SIGNALS:
    void arrangementChanged(); // by the person
    void editRequested(int chart);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void makeCards();
    void place();
    void refreshSoon();
    void refresh();
    void refreshCard(ChartCard& card, const std::vector<DrawnRun>& runs);
    void applyOptions(ChartCard& card);
    void shareCrosshair(const ChartCard* from, std::optional<double> x);
    [[nodiscard]] int cardAt(const QPoint& globalPosition) const;
    void drop(int from, const QPoint& globalPosition);

    const WorkspaceFeed& m_workspace;
    const SeriesFeed& m_series;
    bool m_editable;
    CurvesPageState m_arrangement;
    std::set<std::string> m_shown;
    std::set<std::string> m_selected;
    std::vector<ChartCard*> m_cards; // one per chart of the arrangement
    QGridLayout* m_layout;
    int m_columns = 0;
    bool m_stale = true; // something changed since the last refresh
    QTimer m_timer;
    QElapsedTimer m_sinceRefresh;
};

} // namespace dskd::ui
