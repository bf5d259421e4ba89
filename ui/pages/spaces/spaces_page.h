#pragma once

#include "ui/pages/shared/page.h"
#include "ui/pages/shared/run_readings.h"
#include "ui/pages/spaces/space_groups.h"
#include "ui/pages/spaces/space_store.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

class QCheckBox;
class QComboBox;
class QAction;
class QTabWidget;
class QToolButton;

namespace dskd::viz
{
class BoxPlot;
class CurveChart;
class ScatterView;
} // namespace dskd::viz

namespace dskd::ui
{

class MutedLabel;
class PageStack;
class StepSlider;
struct ExportSubject;

// How teacher and student lie to each other in their representation spaces, on the probe samples: the structure
// distances over steps and as box plots of the methods (paper Eqn. 16-19, Figure 3), the states of one run as points
// (Figure 1), its entropies, accuracies and agreements. Follows runs while they train. GUI thread only.
class SpacesPage final : public Page
{
    Q_OBJECT
public:
    SpacesPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent = nullptr);
    ~SpacesPage() override;

    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) override;
    void setStepLink(StepLink& link) override;
    [[nodiscard]] QJsonObject savedState() const override; // the tab, and whether counterparts are connected
    void restoreState(const QJsonObject& state) override;

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    // A distance over steps and, at the slider's step, by method.
    struct Distance {
        std::string metric;
        viz::CurveChart* chart = nullptr;
        viz::BoxPlot* boxes = nullptr;
    };
    // Metrics of one run in one chart, told apart by colour and name.
    struct Comparison {
        viz::CurveChart* chart = nullptr;
        std::vector<std::string> metrics;
    };
    [[nodiscard]] QWidget* makeDistances();
    [[nodiscard]] QWidget* makePicture();
    [[nodiscard]] QWidget* makePredictions();
    [[nodiscard]] QComboBox* makeRunBox();
    [[nodiscard]] QToolButton* makeExportButton();
    // `subject`: of what is drawn when it is asked for; nothing where nothing is.
    void offerExport(QWidget& view, const QString& title, std::function<std::optional<ExportSubject>()> subject);
    void openExport(std::optional<ExportSubject> subject);
    [[nodiscard]] std::optional<ExportSubject> chartToExport(const viz::CurveChart& chart,
                                                             const std::vector<std::string>& metrics,
                                                             const std::vector<const SpaceGroup*>& groups);
    [[nodiscard]] std::optional<ExportSubject> boxesToExport(const Distance& distance);
    [[nodiscard]] std::optional<ExportSubject> pointsToExport(const viz::ScatterView& view, store::ModelSide space);
    [[nodiscard]] Background& exporting();
    void say(const QString& sentence); // what became of an export

    void rebuild(); // from what is read now
    void fillRuns();
    void fillSteps();
    void showDistances();
    void showBoxes(bool growing);
    void showPredictions();
    void readPicture();
    void showEmpty();
    [[nodiscard]] const SpaceGroup* chosenGroup() const;
    [[nodiscard]] std::string chosenRun() const;

    const WorkspaceFeed& m_workspace;
    Background& m_background;
    RunReadings<SpaceReading> m_readings;
    std::vector<std::string> m_selected;
    std::vector<SpaceGroup> m_groups;
    std::string m_followed; // the selected run that the boxes were set to
    bool m_reading = false; // the points
    bool m_readAgain = false;
    std::string m_shownRun; // whose points are drawn
    std::int64_t m_shownStep = 0;
    std::vector<std::pair<QWidget*, QAction*>> m_exports; // views with their action
    std::unique_ptr<Background> m_exporting;              // once something is exported

    PageStack* m_stack;
    StepSlider* m_step; // over the steps that any shown run has recorded
    QTabWidget* m_tabs;
    std::vector<Distance> m_distances;
    std::vector<Comparison> m_comparisons;
    std::vector<QComboBox*> m_runs; // one on each tab that shows a single run; always the same choice
    viz::ScatterView* m_studentSpace;
    viz::ScatterView* m_teacherSpace;
    QCheckBox* m_connect;
    MutedLabel* m_pictureNote;
    MutedLabel* m_said;
};

} // namespace dskd::ui
