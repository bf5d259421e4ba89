#pragma once

#include "core/base/held_folder.h"
#include "core/metrics/run_phases.h"
#include "core/store/run_writer.h"
#include "core/train/job/observer.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace dskd::worker
{

// Turns what a job reports into rows of run.db. The observer calls come from the job's thread. What comes every step
// only fills the writer's buffer; onPlan, onCheckpoint and the phase "saving" write at once, because a resume builds on
// them; the last two throw when the run folder was moved or deleted, so that no checkpoint goes to its old path.
// progress() may be asked from any thread.
class RunReporter final : public train::Observer
{
public:
    struct Progress {
        std::int64_t step = 0;
        std::string phase = metrics::kLoadingPhase;
    };

    // Both must outlive the reporter.
    RunReporter(store::RunWriter& writer, const HeldFolder& folder) : m_writer(writer), m_folder(folder) {}

    void onMetrics(std::int64_t step, std::int64_t tokens, const std::map<std::string, double>& values) override;
    void onHeatMap(std::int64_t step, const train::HeatMap& map) override;
    void onStructure(std::int64_t step, const std::vector<train::SampleStructure>& samples) override;
    void onSpaceAxes(const train::SpaceAxes& axes) override;
    void onSpacePoints(std::int64_t step, const std::vector<train::SpacePoint>& points) override;
    [[nodiscard]] std::vector<train::SpaceAxes> keptAxes() const override;
    void onAnswers(std::int64_t step, const std::vector<train::GeneratedAnswer>& answers) override;
    void onBaselineAnswers(train::Side of, const std::vector<train::GeneratedAnswer>& answers) override;
    void onCheckpoint(std::int64_t step, const std::string& folder) override;
    void onEvent(std::int64_t step, const std::string& kind, const std::string& message) override;
    void onPhase(std::int64_t step, const std::string& phase) override;
    void onPlan(std::int64_t totalSteps, std::int64_t stepsPerEpoch) override;

    [[nodiscard]] Progress progress() const;

private:
    void advance(std::int64_t step, const std::string& phase);

    store::RunWriter& m_writer;
    const HeldFolder& m_folder;
    mutable std::mutex m_mutex;
    Progress m_progress;
};

} // namespace dskd::worker
