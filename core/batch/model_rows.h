#pragma once

// The rows that a model gives for some samples: one forward pass, then the positions that the losses need. The same for
// the student, whose hidden states carry a graph unless gradients are off, and for the teacher.

#include "core/batch/packed_rows.h"
#include "core/batch/step_rows.h"
#include "core/config/schema/data_config.h"
#include "core/dataset/sample.h"
#include "core/model/causal_lm.h"

#include <cstdint>
#include <span>

namespace dskd::batch
{

// What is known of a model's rows before it runs: everything but hidden, chunks and outside.
[[nodiscard]] SideRows rowsBeforeRunning(const model::CausalLm& model, PackedRows packed);

// Runs the samples end to end without padding. Each must have a scored row. `training` switches dropout on.
[[nodiscard]] SideRows runPacked(model::CausalLm& model, std::span<const dataset::Sample* const> samples,
                                 config::LossOn lossOn, bool training = false);

// Runs the samples padded to `length` positions (padRows). `outside` has positions, states and rowsPerSample.
[[nodiscard]] SideRows runPadded(model::CausalLm& model, std::span<const dataset::Sample* const> samples,
                                 config::LossOn lossOn, std::int64_t length, std::int64_t padding,
                                 bool training = false);

} // namespace dskd::batch
