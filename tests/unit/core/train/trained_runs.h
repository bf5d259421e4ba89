#pragma once

// Whole trainings: with the tiny models of tiny_training.h, or with the demo's files as the worker trains.

#include "core/config/schema/experiment.h"
#include "core/train/job/training_setup.h"
#include "tests/support/tiny_training.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace dskd::train
{

// ---- tiny models

// Trains on in `run`.
Outcome runTiny(const config::Experiment& experiment, const RunLayout& run, Observer& observer, RunControl& control);
// The same in a folder of its own.
test::RecordingObserver runTiny(const config::Experiment& experiment);

struct Trained {
    test::RecordingObserver seen;
    std::map<std::string, at::Tensor> weights; // of student, adapter, projectors and critics, after the last step
};
// Trains to the end with the tokenizer of word_tokenizer.h. `change` may change the setup before.
[[nodiscard]] Trained trainedTiny(const config::Experiment& experiment,
                                  const std::function<void(TrainingSetup&)>& change = {});
// Bit for bit.
void expectSameTraining(const Trained& with, const Trained& without);

// ---- the demo's files

// The demo's teacher, its data and one of its students ("student-gpt2", "student-llama") with random weights: answers
// are nonsense, in real tokens. On one thread of the CPU, without probes.
[[nodiscard]] config::Experiment demoExperiment(const std::string& student);

// Trains to the end in a folder of its own.
[[nodiscard]] test::RecordingObserver trained(const config::Experiment& experiment);

struct Interrupted {
    test::RecordingObserver before;
    test::RecordingObserver after;
    // Of both; a step that is in both of them fails the test.
    [[nodiscard]] std::map<std::int64_t, double> series(const std::string& name) const;
};
// The same, stopped after a step and resumed.
[[nodiscard]] Interrupted interrupted(const config::Experiment& experiment, std::int64_t stopAfter);

} // namespace dskd::train
