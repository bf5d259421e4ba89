#pragma once

// Everything a training run is made of, read and checked before its first step.

#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/distill/distiller.h"
#include "core/model/causal_lm.h"
#include "core/teacher/teacher_source.h"
#include "core/train/data/job_data.h"
#include "core/train/job/observer.h"
#include "core/train/loop/adamw.h"
#include "core/train/loop/checkpoint.h"

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

namespace dskd::train
{

// What probes compare with where the method has no teacher (log.probe_teacher). Training never sees it.
struct ProbeTeacher {
    Tokenizers tokenizers;
    std::unique_ptr<teacher::TeacherSource> teacher;
};

struct TrainingSetup {
    at::Device device = at::kCPU;
    Tokenizers tokenizers;
    std::vector<Example> examples;
    std::vector<Example> validation;
    std::unique_ptr<model::CausalLm> student;
    std::unique_ptr<teacher::TeacherSource> teacher; // null for SFT
    std::optional<ProbeTeacher> probeTeacher;
    std::unique_ptr<distill::Distiller> distiller;
    std::unique_ptr<AdamW> optimizer; // see makeOptimizer
    TrainerState state;               // where to go on: step 0, or the newest finished checkpoint
};

// Reads data and models; continues from the newest finished checkpoint of `run` when there is one. Throws Error
// with the sentence of the first check that fails. Nothing when `stop` turned true while MinED's map was looked for.
[[nodiscard]] std::optional<TrainingSetup> prepareTraining(const config::Experiment& experiment, const RunLayout& run,
                                                           Observer& observer, const std::atomic<bool>* stop = nullptr);

// The student of an experiment: from its folder, from a checkpoint folder when given, or with fresh weights.
[[nodiscard]] std::unique_ptr<model::CausalLm> loadStudent(const config::Experiment& experiment,
                                                           const std::optional<CheckpointLayout>& checkpoint,
                                                           const model::LoadOptions& options, Observer& observer);

// The groups of the optimizer: what the student learns (model::learningParameters), the projectors, and the critics of
// key-query matching. Each has its own learning rate and weight decay.
inline constexpr const char* kStudentGroup = "student";
inline constexpr const char* kProjectorGroup = "projectors";
inline constexpr const char* kCriticGroup = "critics";

// All three groups; one may be empty. Biases and norms do not decay; with a reference fidelity the projectors' biases
// and all norms but GPT-2's do.
[[nodiscard]] std::unique_ptr<AdamW> makeOptimizer(const config::Experiment& experiment, const model::CausalLm& student,
                                                   const distill::Distiller& distiller);

} // namespace dskd::train
