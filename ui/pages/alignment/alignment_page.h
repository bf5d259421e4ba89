#pragma once

#include "core/config/schema/alignment.h"
#include "ui/pages/alignment/attention_store.h"
#include "ui/pages/alignment/step_values.h"
#include "ui/pages/shared/page.h"
#include "ui/pages/shared/run_readings.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

class QBoxLayout;
class QCheckBox;
class QComboBox;
class QLabel;
class QSpinBox;
class QTabWidget;

namespace dskd::viz
{
class CurveChart;
class HeatMapView;
} // namespace dskd::viz

namespace dskd::ui
{

class CoverageLists;
class MarkLegend;
class MutedLabel;
class PageStack;
class StepSlider;
class TokenRows;

// How the tokens of teacher and student are aligned: coverage of the run's data, sample by sample and token by token,
// found anew from its tokenizers; and what the run has recorded: attention maps of probe samples, of one run or two, or
// of two steps, side by side with their difference, and coverage and localisation over the steps. Follows a run while
// it trains. GUI thread only.
class AlignmentPage final : public Page
{
    Q_OBJECT
public:
    AlignmentPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent = nullptr);
    ~AlignmentPage() override;

    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) override;
    [[nodiscard]] QJsonObject savedState() const override; // what is measured, and how maps are coloured
    void restoreState(const QJsonObject& state) override;

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
    // What is read for one sample at one step.
    struct Looked {
        std::optional<store::HeatMapRow> left;
        std::optional<store::HeatMapRow> right;
        std::optional<preflight::SampleRows> rows; // none without coverage, and where the sample is none of its samples
    };
    Side newSide(const QString& name);
    void exportPicture(const viz::HeatMapView& view, const QString& title); // in a dialog
    void makeHeadline(QBoxLayout& into);
    void makeToolBar(QBoxLayout& into);
    void makeStepBar(QBoxLayout& into);
    QWidget* makeMaps();
    QWidget* makeSteps();
    QWidget* makeLists();

    // Choices and maps: alignment_page.cpp.
    void fillChoices();
    void fillSamples();
    void followList(QComboBox& box, std::size_t from) const;
    void fillSteps();
    [[nodiscard]] const config::AlignmentRow* alignmentOf(const std::string& runId) const; // nullptr: it aligns nothing
    [[nodiscard]] const StepIndex& stepsOf(const std::string& runId) const;
    [[nodiscard]] bool besideItself() const; // another step of the same run
    void look();
    void showLooked(Looked looked);
    void showSides();
    void showSide(Side& side, const std::string& runId, const QString& whyEmpty);
    void colourSides();
    void showEmpty();
    void linkCursor(std::optional<QPoint> cell);
    void showReadout();

    // Coverage, tokens and what is recorded over the steps: alignment_page_coverage.cpp.
    void measure();
    void showCoverage(Result<std::shared_ptr<const preflight::RunCoverage>> measured);
    void showTokens();
    void showTokenDetail();
    void followSteps();
    void readStepValues();
    void showStepValues();
    void showInsideChunks();
    [[nodiscard]] std::vector<QRect> outlinesOf(const store::HeatMapRow& map) const;

    const WorkspaceFeed& m_workspace;
    Background& m_background;
    RunReadings<MapCatalogue> m_catalogues;
    std::vector<std::string> m_selected;
    bool m_followsList = false; // the runs are those selected in the list
    bool m_looking = false;
    bool m_lookAgain = false; // the choice has changed since

    std::shared_ptr<const preflight::RunCoverage> m_coverage; // of the left run; null: not known (yet)
    std::string m_measured;                                   // what m_coverage is of, or what is being measured
    std::shared_ptr<std::atomic<bool>> m_outdated;            // ends the measuring in progress
    std::optional<preflight::SampleRows> m_rows;
    std::shared_ptr<const StepValues> m_stepValues;
    std::string m_stepsOf; // the run of m_stepValues
    bool m_readingSteps = false;

    PageStack* m_stack;
    QLabel* m_headline;
    MutedLabel* m_headlineNotes;
    QComboBox* m_run;
    QComboBox* m_other;
    QComboBox* m_map;
    QComboBox* m_sample;
    QComboBox* m_data;
    QSpinBox* m_samples;
    QCheckBox* m_difference;
    QCheckBox* m_log;
    QCheckBox* m_unit;   // colours from 0 to 1
    QCheckBox* m_chunks; // outlines
    StepSlider* m_step;  // over the steps that the left run has recorded
    StepSlider* m_otherStep;
    MutedLabel* m_readout;
    MarkLegend* m_legend;
    TokenRows* m_tokens;
    MutedLabel* m_tokenDetail;
    CoverageLists* m_lists;
    viz::CurveChart* m_coverageChart;
    viz::CurveChart* m_insideChart;
    Side m_left;
    Side m_right;
    Side m_delta;
    std::optional<QPoint> m_cell;
    // Of its own: measuring may take long, and the window's has other things to do. Ends first.
    std::unique_ptr<Background> m_measuring;
};

} // namespace dskd::ui
