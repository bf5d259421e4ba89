#pragma once

#include "core/jobs/sample_counts.h"
#include "core/jobs/time_estimate.h"
#include "ui/experiment/expanded_plan.h"
#include "ui/feed/background.h"

#include <QLabel>
#include <QTimer>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dskd::ui
{

// One line on what a plan is: how many runs, how long they take and by which runs that was measured, and what their
// checkpoints take of the disk; or why the plan cannot be. Computed in the background, a moment after every change. GUI
// thread only.
class PlanEstimateLine final : public QLabel
{
    Q_OBJECT
public:
    explicit PlanEstimateLine(QWidget* parent = nullptr);
    ~PlanEstimateLine() override;

    // Whose runs are measured by; without one no time is known.
    void setWorkspace(std::filesystem::path workspace) { m_workspace = std::move(workspace); }
    void follow(const std::string& name, std::shared_ptr<const ExpandedPlan> plan);
    // Trains a few steps of the first run that no time is known of, to measure them; the estimate follows.
    void probe();
    [[nodiscard]] bool probing() const { return m_cancelProbe != nullptr; }
    [[nodiscard]] bool canProbe() const { return !m_busy && m_untimed && !probing(); }
    [[nodiscard]] bool busy() const { return m_busy; }
    // Why the plan that was followed last cannot be; empty where it can, or where that is not known yet.
    [[nodiscard]] const QString& refusal() const { return m_refusal; }
    // How many runs it has; none where it cannot be, or where that is not known yet.
    [[nodiscard]] std::optional<std::size_t> runs() const { return m_runs; }

Q_SIGNALS:
    void finished();

private:
    void start();

    // Before the thread that uses them, which is waited for.
    std::atomic<int> m_asked{0};  // which plan it is, so that work and answers for older ones are passed over
    jobs::SampleCounts m_samples; // used on that thread only
    Background m_background;
    Background m_probeThread;
    std::shared_ptr<std::atomic<bool>> m_cancelProbe; // of the probe in work
    std::vector<jobs::MeasuredRun> m_probes;          // what was measured so far
    QTimer m_soon;
    std::filesystem::path m_workspace;
    std::string m_name;
    std::shared_ptr<const ExpandedPlan> m_plan;
    bool m_busy = false;
    std::optional<std::size_t> m_runs;
    std::optional<config::Experiment> m_untimed; // the first run of the plan that no time is known of
    QString m_refusal;
};

} // namespace dskd::ui
