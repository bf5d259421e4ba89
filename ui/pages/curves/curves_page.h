#pragma once

#include "ui/pages/curves/curve_set.h"
#include "ui/pages/shared/page.h"

#include <QTimer>
#include <functional>
#include <memory>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QSlider;
class QToolButton;

namespace dskd::ui
{

class ChartGrid;
class MutedLabel;
class PageStack;

// The curves of the shown runs: a grid of charts that the person arranges. Expects the window to have `series` watch
// the shown runs. GUI thread only.
class CurvesPage final : public Page
{
    Q_OBJECT
public:
    CurvesPage(const WorkspaceFeed& workspace, const SeriesFeed& series, QWidget* parent = nullptr);
    ~CurvesPage() override;

    // `shown` are drawn; those in `selected` are emphasised.
    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) override;
    void setState(const CurvesPageState& state);
    [[nodiscard]] CurvesPageState state() const;
    [[nodiscard]] QJsonObject savedState() const override { return toJson(state()); }
    void restoreState(const QJsonObject& saved) override { setState(curvesFromJson(saved)); }
    [[nodiscard]] std::vector<Findable> findables() override; // the metrics of the shown runs

    // Asks where to, then writes every recorded point of the shown runs; columns: jobs::kPointColumns.
    void exportAll();
    void exportTo(const QString& file);
    void addChart(); // asks for the metrics
    void addLossByItsTerms();
    void showMetric(const std::string& metric); // the chart that draws it alone, else one that has it; else a new one
    // Steps of runs with a few words each, drawn on every chart that has a curve of the run; replaces all.
    void setMarks(std::vector<RunMark> marks);

Q_SIGNALS:
    void exported(const QString& file, qint64 points); // points -1: it could not be written

private:
    void makeToolBar();
    QToolButton* makeAddButton();
    void change(const std::function<void(CurvesPageState&)>& edit);
    void chartsEdited();
    void showCharts(const std::vector<ChartSpec>& charts);
    [[nodiscard]] std::vector<std::string> recordedMetrics() const; // of the shown runs
    void showState();
    void editChart(int chart);
    void updateNotes();

    const WorkspaceFeed& m_workspace;
    const SeriesFeed& m_series;
    std::unique_ptr<Background> m_exporting; // once something is exported
    ChartGrid* m_grid;
    PageStack* m_stack;
    QWidget* m_toolBar;
    QComboBox* m_axis;
    QComboBox* m_smoothingKind;
    QSlider* m_smoothing;
    QLabel* m_smoothingValue;
    QCheckBox* m_logX;
    QCheckBox* m_log;
    QCheckBox* m_mean;
    QToolButton* m_export;
    MutedLabel* m_notes; // what is stale; where an export went
    QString m_exportNote;
    QTimer m_clock;
    std::vector<std::string> m_shown;
    std::vector<ChartSpec> m_charts; // as the person has left them: what an edit is compared with
};

} // namespace dskd::ui
