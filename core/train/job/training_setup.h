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

struct TrainingSetup {
    at::Device device = at::kCPU;
    Tokenizers tokenizers;
    std::vector<Example> examples;
    std::vector<Example> validation;
    std::unique_ptr<model::CausalLm> student;
    std::unique_ptr<teacher::TeacherSource> teacher; // null for SFT
    std::unique_ptr<distill::Distiller> distiller;
    std::unique_ptr<AdamW> optimizer; // see makeOptimizer
    TrainerState state;               // where to go on: step 0, or the newest finished checkpoint
};

// Reads data and models; continues from the newest finished checkpoint of `run` when there is one. Throws JobError
// with the sentence of the first check that fails. Nothing when `stop` turned true while MinED's map was looked for.
[[nodiscard]] std::optional<TrainingSetup> prepareTraining(const config::Experiment& experiment, const RunLayout& run,
                                                           Observer& observer, const std::atomic<bool>* stop = nullptr);

// The student of an experiment: from its folder, from a checkpoint folder when given, or with fresh weights.
[[nodiscard]] std::unique_ptr<model::CausalLm> loadStudent(const config::Experiment& experiment,
                                                           const std::optional<std::filesystem::path>& checkpoint,
                                                           const model::LoadOptions& options, Observer& observer);

// Groups 0 and 1: what the student learns (model::learningParameters) with weight decay, and its biases and norms
// without. Groups 2 and 3: the same of the projectors, with the projectors' own weight decay. Groups 4 and 5: of the
// critics of key-query matching. With a reference fidelity the projectors' biases and all norms but GPT-2's decay too.
[[nodiscard]] std::unique_ptr<AdamW> makeOptimizer(const config::Experiment& experiment, const model::CausalLm& student,
                                                   const distill::Distiller& distiller);

} // namespace dskd::train
