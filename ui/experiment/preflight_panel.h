#pragma once

#include "core/config/schema/experiment.h"
#include "core/preflight/preflight.h"
#include "ui/experiment/expanded_plan.h"
#include "ui/feed/background.h"

#include <QTimer>
#include <QWidget>
#include <filesystem>
#include <memory>
#include <vector>

class QLabel;
class QVBoxLayout;

namespace dskd::ui
{

// The preflight of the experiment in the dialog. It starts anew a moment after every change.
// The vocabularies of a pair are matched beside it, where that is needed, whatever else is typed meanwhile. Each
// finding is a line with a shape, a word and a sentence; a remedy is a button. GUI thread only.
class PreflightPanel final : public QWidget
{
    Q_OBJECT
public:
    explicit PreflightPanel(QWidget* parent = nullptr);
    ~PreflightPanel() override;

    // By whose runs times are estimated; without one the time is not known.
    void setWorkspace(std::filesystem::path workspace) { m_workspace = std::move(workspace); }
    // The first run of a plan in full, then the other combinations for what the worker would refuse.
    void check(const config::Experiment& experiment, std::shared_ptr<const ExpandedPlan> plan);
    [[nodiscard]] const std::vector<preflight::Finding>& findings() const { return m_findings; }
    [[nodiscard]] bool busy() const { return m_busy; }
    // The headline of the first thing that the worker would refuse; empty when there is none, or not yet.
    [[nodiscard]] QString firstProblem() const;

Q_SIGNALS:
    void finished();
    void matchingBegins(); // the search for MinED's map of the two vocabularies
    void remedyChosen(const dskd::preflight::Remedy& remedy);
    void sampleChosen(const dskd::preflight::AlignedSample& sample); // one of the worst aligned; it is shown

private:
    void start();
    void matchVocabularies(); // while a finding misses their map
    void show(std::vector<preflight::Finding> findings);
    void addFinding(const preflight::Finding& finding);
    void addWorst(const preflight::Finding& finding, QWidget& line, QVBoxLayout& into);

    Background m_background;
    Background m_matching;
    QTimer m_soon;
    config::Experiment m_experiment;
    std::shared_ptr<const ExpandedPlan> m_plan;
    std::filesystem::path m_workspace;
    std::shared_ptr<std::atomic<bool>> m_cancel;  // of the check in work
    std::string m_pair;                           // whose vocabularies are being matched, or could not be
    std::shared_ptr<std::atomic<bool>> m_unmatch; // cancels that
    std::string m_unmatchable;                    // why they could not be
    std::vector<preflight::Finding> m_findings;
    bool m_busy = false;
    QLabel* m_state;
    QVBoxLayout* m_lines;
};

} // namespace dskd::ui
