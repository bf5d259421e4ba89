#pragma once

#include "core/config/schema/alignment.h"
#include "core/config/schema/experiment.h"
#include "ui/pages/alignment/attention_store.h"
#include "ui/pages/shared/page.h"
#include "ui/pages/shared/run_readings.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

class QBoxLayout;
class QComboBox;
class QLabel;
class QSpinBox;

namespace dskd::preflight
{
class RunCoverage;
}

namespace dskd::ui
{

class CoverageLists;
class MapPanel;
class MarkLegend;
class MutedLabel;
class PageStack;
class StepCharts;
class TokenRows;

// How the tokens of teacher and student are aligned: coverage of the run's data, sample by sample and token by token,
// found anew from its tokenizers, also of a pair that has no run yet; and what a run has recorded: attention maps of
// probe samples, and coverage and localisation over the steps. Follows a run while it trains. GUI thread only.
class AlignmentPage final : public Page
{
    Q_OBJECT
public:
    AlignmentPage(const WorkspaceFeed& workspace, Background& background, QWidget* parent = nullptr);
    ~AlignmentPage() override;

    void setRuns(std::vector<std::string> shown, std::vector<std::string> selected) override;
    void setStepLink(StepLink& link) override; // of the map at the left; another step beside it is chosen freely
    bool showAlignment(const config::Experiment& experiment, std::int64_t line) override;
    [[nodiscard]] QJsonObject savedState() const override; // what is measured, and how maps are coloured
    void restoreState(const QJsonObject& state) override;

protected:
    void showEvent(QShowEvent* event) override;

private:
    void makeHeadline(QBoxLayout& into);
    void makeToolBar(QBoxLayout& into);
    QWidget* makeLists();

    // Choices and maps: alignment_page.cpp.
    void fillChoices();
    void fillSamples();
    void followList(QComboBox& box, std::size_t from) const;
    void fillSteps();
    [[nodiscard]] const config::AlignmentRow* alignmentOf(const std::string& runId) const; // nullptr: it aligns nothing
    [[nodiscard]] QString nameOf(const std::string& runId) const;
    [[nodiscard]] const StepIndex& stepsOf(const std::string& runId) const;
    [[nodiscard]] bool comparesSteps() const; // another step of the same run
    [[nodiscard]] bool showsPair() const;
    [[nodiscard]] QString whyNoMap() const;
    void readMaps();
    void showEmpty();

    // Coverage, tokens and what is recorded over the steps: alignment_page_coverage.cpp.
    void measure();
    void showCoverage(Result<std::shared_ptr<const preflight::RunCoverage>> measured);
    void showPairLine();
    void showTokens();
    void showTokenDetail();
    void followRun();
    void readStepValues();
    void showInsideChunks();

    const WorkspaceFeed& m_workspace;
    Background& m_background;
    RunReadings<MapCatalogue> m_catalogues;
    std::vector<std::string> m_selected;
    bool m_followsList = false; // the runs are those selected in the list
    bool m_reading = false;
    bool m_readAgain = false;    // the choice has changed since
    config::Experiment m_pair;   // models that another page asks to show aligned, without a run
    std::int64_t m_pairLine = 0; // of its training data, which is to be shown; 0: there is no such pair
    bool m_showedLine = false;   // it has been shown, and a person may choose others

    std::shared_ptr<const preflight::RunCoverage> m_coverage; // of the left run; null: not known (yet)
    std::string m_measured;                                   // what m_coverage is of, or what is being measured
    std::shared_ptr<std::atomic<bool>> m_outdated;            // ends the measuring in progress

    PageStack* m_stack;
    QLabel* m_headline;
    MutedLabel* m_headlineNotes;
    QComboBox* m_run;
    QComboBox* m_other;
    QComboBox* m_map;
    QComboBox* m_sample;
    QComboBox* m_data;
    QSpinBox* m_samples;
    MarkLegend* m_legend;
    TokenRows* m_tokens;
    MutedLabel* m_tokenDetail;
    CoverageLists* m_lists;
    MapPanel* m_maps;
    StepCharts* m_steps;
    // Of its own: measuring may take long, and the window's has other things to do. Ends first.
    std::unique_ptr<Background> m_measuring;
};

} // namespace dskd::ui
