#pragma once

#include "ui/pages/alignment/attention_store.h"
#include "ui/pages/shared/page.h"
#include "ui/pages/shared/run_readings.h"

#include <optional>
#include <string>
#include <vector>

class QBoxLayout;
class QCheckBox;
class QComboBox;
class QLabel;

namespace dskd::viz
{
class HeatMapView;
}

namespace dskd::ui
{

class MutedLabel;
class PageStack;
class StepSlider;
class TokenRows;

// Attention between the models for probe samples of CMA runs: one run, or two side by side with their difference, over
// the recorded steps. Follows a run while it trains. GUI thread only.
class AlignmentPage final : public Page
{
    Q_OBJECT
public:
    AlignmentPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent = nullptr);

    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) override;

protected:
    void showEvent(QShowEvent* event) override;

private:
    // One heat map with what stands above it.
    struct Side {
        QWidget* frame = nullptr;
        QLabel* title = nullptr;
        viz::HeatMapView* view = nullptr;
        std::optional<store::HeatMapRow> map;
    };
    Side newSide(const QString& name);
    void makeToolBar(QBoxLayout& into);
    void makeStepBar(QBoxLayout& into);

    void fillChoices();
    void followList(QComboBox& box, std::size_t from) const;
    void fillSteps();
    [[nodiscard]] const StepIndex& stepsOf(const std::string& runId) const;
    void readMaps();
    void showMaps(std::optional<store::HeatMapRow> left, std::optional<store::HeatMapRow> right);
    void showSide(Side& side, const std::string& runId, const QString& whyEmpty);
    void showEmpty();
    void linkCursor(std::optional<QPoint> cell);
    void showReadout();

    const WorkspaceFeed& m_workspace;
    Background& m_background;
    RunReadings<MapCatalogue> m_catalogues;
    std::vector<std::string> m_selected;
    bool m_followsList = false; // the runs are those selected in the list
    bool m_readingMaps = false;
    bool m_readAgain = false; // the choice has changed since
    int m_request = 0;        // newest readMaps; older answers are dropped

    PageStack* m_stack;
    QComboBox* m_run;
    QComboBox* m_other;
    QComboBox* m_map;
    QComboBox* m_sample;
    QCheckBox* m_difference;
    QCheckBox* m_log;
    StepSlider* m_step; // over the steps that the left run has recorded
    MutedLabel* m_readout;
    TokenRows* m_tokens;
    Side m_left;
    Side m_right;
    Side m_delta;
    std::optional<QPoint> m_cell;
};

} // namespace dskd::ui
