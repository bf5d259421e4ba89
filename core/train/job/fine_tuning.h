#pragma once

// What train.fine_tuning, train.freeze_embeddings and train.gradient_checkpointing make of a student.

#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/model/causal_lm.h"

#include <filesystem>
#include <optional>
#include <string>

namespace dskd::train
{

// Decides which weights of the student learn. With LoRA the student is the untouched base, and the adapter begins
// fresh or, in a resumed run, comes from its checkpoint. Throws Error(BadModel) when lora.targets names no layer
// of the student, or the checkpoint's adapter cannot be read.
void setUpFineTuning(const config::Experiment& experiment, model::CausalLm& student,
                     const std::optional<CheckpointLayout>& resumed);

// "1.5 of 124.4 million weights learn (LoRA of rank 8 on c_attn)"
[[nodiscard]] std::string learningText(const model::CausalLm& student);

// Where a checkpoint of a LoRA run keeps its adapter: beside the merged model, or in the place of one.
[[nodiscard]] std::filesystem::path adapterFolder(const CheckpointLayout& checkpoint);

// LoRA learns on top of weights that lie elsewhere. Throws dskd::Error when they are not those that the run began
// with: `before` and `now` are fingerprints (model::weightsFingerprint), empty ones are not compared.
void checkBaseWeights(const std::string& before, const std::string& now, const std::string& model);

} // namespace dskd::train
