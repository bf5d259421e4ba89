#pragma once

// A student, a teacher and samples small enough to train in milliseconds, without files or tokenizers.

#include "core/config/schema/experiment.h"
#include "core/model/causal_lm.h"
#include "core/train/job/observer.h"
#include "core/train/job/run_control.h"
#include "core/train/job/training_setup.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dskd::test
{

inline constexpr std::int64_t kTinyVocabulary = 48;

// A Llama of two layers; float32 on the CPU unless said otherwise.
[[nodiscard]] std::unique_ptr<model::CausalLm> tinyModel(std::int64_t width, std::uint64_t seed,
                                                         const model::LoadOptions& options = {});

// `count` random samples of differing lengths; student and teacher see the same tokens.
[[nodiscard]] std::vector<train::Example> tinyExamples(std::int64_t count, std::uint64_t seed);

// Dual-space distillation over 10 samples, 2 x 2 samples a step.
[[nodiscard]] config::Experiment tinyExperiment();

// What prepareTraining makes of an experiment, with tiny models and samples in place of files. Continues from the
// newest finished checkpoint in `run` when there is one.
[[nodiscard]] train::TrainingSetup tinySetup(const config::Experiment& experiment, const RunLayout& run);

// Remembers every call.
class RecordingObserver : public train::Observer
{
public:
    void onMetrics(std::int64_t step, std::int64_t tokens, const std::map<std::string, double>& values) override;
    void onHeatMap(std::int64_t step, const train::HeatMap& map) override;
    void onStructure(std::int64_t step, const std::vector<train::SampleStructure>& samples) override;
    void onSpaceAxes(const train::SpaceAxes& axes) override;
    void onSpacePoints(std::int64_t step, const std::vector<train::SpacePoint>& points) override;
    [[nodiscard]] std::vector<train::SpaceAxes> keptAxes() const override { return kept; }
    void onAnswers(std::int64_t step, const std::vector<train::GeneratedAnswer>& answers) override;
    void onBaselineAnswers(train::Side of, const std::vector<train::GeneratedAnswer>& answers) override;
    void onCheckpoint(std::int64_t step, const std::string& folder) override;
    void onEvent(std::int64_t step, const std::string& kind, const std::string& message) override;
    void onPhase(std::int64_t step, const std::string& phase) override;
    void onPlan(std::int64_t totalSteps, std::int64_t stepsPerEpoch) override;

    // The value of a metric at every step that has it.
    [[nodiscard]] std::map<std::int64_t, double> series(const std::string& name) const;

    std::map<std::int64_t, std::map<std::string, double>> metrics;
    std::map<std::int64_t, std::vector<train::HeatMap>> heatMaps;
    std::map<std::int64_t, std::vector<train::SampleStructure>> structure;
    std::vector<train::SpaceAxes> axes;
    std::map<std::int64_t, std::vector<train::SpacePoint>> points;
    std::vector<train::SpaceAxes> kept; // what keptAxes gives
    std::map<train::Side, std::vector<train::GeneratedAnswer>> baselines;
    std::vector<std::int64_t> checkpoints;
    std::vector<std::string> warnings; // messages of these events
    std::vector<std::string> phases;
    std::int64_t totalSteps = 0;
    std::int64_t stepsPerEpoch = 0;
};

// Asks the run to stop once a step is done.
class StoppingObserver : public RecordingObserver
{
public:
    StoppingObserver(train::RunControl& control, std::int64_t step) : m_control(control), m_step(step) {}
    void onMetrics(std::int64_t step, std::int64_t tokens, const std::map<std::string, double>& values) override
    {
        RecordingObserver::onMetrics(step, tokens, values);
        m_control.stop = m_control.stop || step == m_step;
    }

private:
    train::RunControl& m_control;
    std::int64_t m_step;
};

} // namespace dskd::test
