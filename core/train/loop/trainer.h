#pragma once

#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/train/answers/on_policy.h"
#include "core/train/data/batch_order.h"
#include "core/train/evaluate/probes.h"
#include "core/train/job/observer.h"
#include "core/train/job/run_control.h"
#include "core/train/job/training_setup.h"
#include "core/train/loop/policy_gradient.h"
#include "core/train/loop/schedule.h"
#include "core/train/loop/step.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace dskd::train
{

// The training loop: steps, and between them metrics, probes, validations and checkpoints. Worker only, one thread.
class Trainer
{
public:
    // Everything referenced must outlive the trainer. `setup` has not begun training or was read from a checkpoint.
    Trainer(const config::Experiment& experiment, const RunLayout& run, TrainingSetup& setup, Observer& observer,
            RunControl& control);

    // Trains to the end, or until asked to stop; either way the last state lies in a checkpoint. A step that is asked
    // to stop while it samples answers is given up: that state is the one of the step before. Throws Error when a
    // value is not finite any more.
    Outcome run();

private:
    // What the student before training and the teacher answer to the prompts of the validations: beside
    // these a person reads the answers of the validations.
    void answerBeforeTraining();
    // Losses and gradients of a step. Where memory runs out, its micro-batches are halved, for this and all later steps
    // of the process; throws as LibTorch does where they cannot be.
    [[nodiscard]] std::optional<StepResult> computeGradients(std::int64_t update);
    [[nodiscard]] bool step();           // false: asked to stop within it, nothing has changed
    [[nodiscard]] bool stepWithRecord(); // the same; a value that ends the run is reported first
    void afterStep();
    void validate();
    [[nodiscard]] bool wantsFirstValidation() const; // the adaptive schedule compares the first one with it
    void saveCheckpoint();
    [[nodiscard]] bool measuresGradients(std::int64_t number) const; // of single terms, in the step of that number
    [[nodiscard]] bool due(std::int64_t every) const; // at this step, given an interval of which 0 means never

    const config::Experiment& m_experiment;
    const RunLayout& m_run;
    TrainingSetup& m_setup;
    Observer& m_observer;
    RunControl& m_control;
    BatchOrder m_order;
    std::int64_t m_totalSteps;
    LearningRate m_rate;
    LearningRate m_projectorRate;
    LearningRate m_criticRate;
    std::unique_ptr<Probes> m_probes;                 // null when there is nothing to probe
    std::unique_ptr<OnPolicy> m_onPolicy;             // null without answers of the student's own
    std::unique_ptr<PolicyGradient> m_policyGradient; // null for other objectives
    std::int64_t m_savedStep = -1;
    std::int64_t m_samplesAtOnce; // of a micro-batch, at most
};

// Prepares and runs the training job of `run`.
Outcome runTraining(const config::Experiment& experiment, const RunLayout& run, Observer& observer,
                    RunControl& control);

} // namespace dskd::train
