#pragma once

#include "ui/pages/curves/curves_state.h"
#include "ui/pages/curves/drawn_runs.h"
#include "viz/curve_chart.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>

namespace dskd::viz
{
class LegendStrip;
}

namespace dskd::ui
{

class Background;
class ChartCard;
class MutedLabel;
struct RunToExport;

// Charts side by side (card_layout.h), with one crosshair, one visible part of the x axis and one legend for all of
// them. Charts without a curve fold into a line with the reason; one chart can be opened large. New points reach only
// the charts that have a curve of that run, at most ten times a second, and none while the grid is hidden. GUI thread
// only.
class ChartGrid final : public QWidget
{
    Q_OBJECT
public:
    // `editable`: charts have a menu to change, size, move and remove them.
    ChartGrid(const WorkspaceFeed& workspace, const SeriesFeed& series, bool editable, QWidget* parent = nullptr);
    ~ChartGrid() override;

    void setRuns(const std::vector<std::string>& shown, const std::vector<std::string>& selected);
    void setArrangement(CurvesPageState arrangement);
    [[nodiscard]] const CurvesPageState& arrangement() const { return m_arrangement; }
    void moveChart(int from, int to);
    // Steps of runs with a few words each, on all charts that have a curve of the run; replaces all.
    void setMarks(std::vector<RunMark> marks);

    // Stands above the charts until a page puts it elsewhere, where it does not scroll away.
    [[nodiscard]] viz::LegendStrip& legend() { return *m_legend; }
    [[nodiscard]] std::vector<DrawnRun> runs() const;
    [[nodiscard]] std::vector<RunToExport> runsToExport() const;
    void openLarge(int chart); // -1: all again
    void reveal(int chart);    // scrolls to it and gives it the keyboard

Q_SIGNALS:
    void arrangementChanged(); // by the person
    void editRequested(int chart);
    void said(const QString& sentence); // what became of an export

protected:
    bool eventFilter(QObject* watched, QEvent* event) override; // of the canvas
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void makeCards();
    void connectCard(ChartCard* card);
    void place();
    void showFolded(const std::vector<ChartCard*>& folded);
    [[nodiscard]] int layoutWidth() const;
    [[nodiscard]] int layoutHeight() const;
    void refreshSoon();
    void refresh();
    void requestSeries(const std::vector<DrawnRun>& runs);
    void refreshCard(ChartCard& card, const std::vector<DrawnRun>& runs);
    void addExperiments(std::vector<DrawnRun>& runs); // of those whose terms may be stacked
    void applyOptions(ChartCard& card);
    void shareCrosshair(ChartCard* from, std::optional<double> x);
    void sharePart(const ChartCard* from, const viz::XPart& part);
    void showLegend();
    void exportChart(ChartCard& card);
    void copyPoints(ChartCard& card);
    void edit(int chart, const std::function<void(CurvesPageState&, std::size_t)>& change);
    [[nodiscard]] Background& background();
    [[nodiscard]] int indexOf(const ChartCard* card) const;
    [[nodiscard]] int cardAt(const QPoint& globalPosition) const;
    void drop(int from, const QPoint& globalPosition);

    const WorkspaceFeed& m_workspace;
    const SeriesFeed& m_series;
    bool m_editable;
    CurvesPageState m_arrangement;
    std::set<std::string> m_shown;
    std::set<std::string> m_selected;
    std::vector<RunMark> m_marks;
    viz::XPart m_closely;                     // the part of the x axis that is read closely
    std::vector<ChartCard*> m_cards;          // one per chart of the arrangement
    std::map<ChartCard*, EmptyChart> m_empty; // those without a curve
    ChartCard* m_crosshairFrom = nullptr;     // where the crosshair was moved
    ChartCard* m_large = nullptr;             // alone on the page
    viz::LegendStrip* m_legend;
    QWidget* m_canvas; // of the cards
    MutedLabel* m_folded;
    // Read once a run, when a chart stacks terms; nullptr: cannot be read, or on the way.
    std::map<std::string, std::shared_ptr<const config::Experiment>> m_experiments;
    std::unique_ptr<Background> m_background; // once something is read or written
    bool m_stale = true;                      // something changed since the last refresh
    QTimer m_timer;
    QElapsedTimer m_sinceRefresh;
};

} // namespace dskd::ui
