#pragma once

// A checkpoint as the folder that the rest of the world loads.

#include "core/base/result.h"
#include "core/base/run_layout.h"

#include <atomic>
#include <cstdint>
#include <filesystem>

namespace dskd::exporting
{

enum class ExportedAs {
    Model,   // a Hugging Face folder: weights, configuration, tokenizer
    Adapter, // of a LoRA run: a PEFT folder with the tokenizer
};

// Writes the finished checkpoint `step` of the run to the folder `to`, with none of the training state. A checkpoint
// that holds an adapter only is merged into its base model by the worker, which needs the run's configuration. Where
// the run uses a chat template (data.template), the folder names what ends a turn (core/model/folder/answer_end.h), or
// the student would never stop where no chat template waits for it. `to` need not exist; one that does keeps what
// else is in it. Nothing of it changes before everything is written beside it (staged_folder.h). Fails with
// BadModel, before anything is copied, for a checkpoint whose configuration or weights cannot be read as a model (of an
// adapter, as an adapter), and soon after another thread sets `cancelled`.
[[nodiscard]] Result<void> exportCheckpoint(const RunLayout& run, std::int64_t step, ExportedAs as,
                                            const std::filesystem::path& to, const std::atomic<bool>& cancelled);

} // namespace dskd::exporting
