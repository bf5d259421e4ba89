#pragma once

// Checkpoints of a training run: <run>/checkpoints/step-N, complete when it has its DONE file.

#include "core/base/failure.h"
#include "core/base/run_layout.h"
#include "core/config/schema/train_config.h"
#include "core/distill/distiller.h"
#include "core/model/causal_lm.h"
#include "core/model/folder/answer_end.h"
#include "core/train/answers/answer_state.h"
#include "core/train/loop/adamw.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace dskd::train
{

// Everything a run needs besides tensors. All random numbers are functions of seed and step, so there is no more.
// Answers that the student sampled are here because their student is gone.
struct TrainerState {
    std::int64_t step = 0;                // optimizer steps done
    std::int64_t tokens = 0;              // response tokens trained on
    std::optional<double> validationLoss; // measured at this very step
    std::int64_t threads = 0;   // of the CPU while it trained; sums of another number of threads round otherwise
    bool validationDue = false; // a stop came before the validation of this step; a resumed run begins with it
    std::string baseWeights;    // LoRA: fingerprint of the weights under the adapter
    ScheduleState ownAnswers;   // of the adaptive on-policy schedule
    RolloutSet rollouts;        // of the policy gradient
};

// Where the files come from that make a checkpoint a whole Hugging Face folder.
struct StudentFolders {
    std::filesystem::path model; // its generation_config.json is copied, if there is one
    std::filesystem::path tokenizer;
    // What ends its answers, where the files name another token (a chat template's end of turn).
    std::optional<std::int64_t> end = std::nullopt;
};

// Of a LoRA student: a whole model with the adapter merged in, and the adapter in a folder of its own; or the adapter
// alone, a small PEFT folder. Others are saved whole.
using config::LoraSaved;

// Writes the folder, DONE last, everything flushed to the disk first. An interrupted write of the same step is
// replaced. Throws dskd::Error when the disk does not take it.
void writeCheckpoint(const CheckpointLayout& folder, const model::CausalLm& student, const StudentFolders& from,
                     const distill::Distiller& distiller, const AdamW& optimizer, const TrainerState& state,
                     LoraSaved saved = LoraSaved::Merged);

// The Failure of a finished checkpoint of a run that cannot be read, for the reason `why`: which it is, and
// from which one before it the run goes on without it.
[[nodiscard]] Failure damagedCheckpoint(const CheckpointLayout& folder, const Failure& why);

// Copies optimizer state, projectors and critics of a finished checkpoint in and returns the rest. The student's
// weights are loaded from the folder as from any model folder; those of a LoRA run from where it began, and its adapter
// from adapterFolder (fine_tuning.h). Throws dskd::Error: damagedCheckpoint, or naming the projector, critic
// or optimizer tensor that is missing or has another shape.
TrainerState readCheckpoint(const CheckpointLayout& folder, const distill::Distiller& distiller, AdamW& optimizer);

// Replaces trainer.json of a finished checkpoint in one go.
void writeTrainerState(const CheckpointLayout& folder, const TrainerState& state);

// Deletes finished checkpoints except the newest `keep` (at least one) and the best by validation loss, and all
// interrupted ones. What has another name, and what is a symbolic link, was put there by somebody else and stays; what
// is read just now (CheckpointUse) stays until the next time.
void pruneCheckpoints(const RunLayout& run, std::int64_t keep);

// What a kill within a write or a deletion left, and nothing else. Call before training begins.
void removeInterruptedCheckpoints(const RunLayout& run);

} // namespace dskd::train
