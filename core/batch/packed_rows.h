#pragma once

// Samples as a model runs them, laid end to end or padded, and which of their positions the losses need.
//
// Shapes: N packed tokens, R response rows.

#include "core/config/schema/data_config.h"
#include "core/dataset/sample.h"
#include "core/model/causal_lm.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <span>
#include <vector>

namespace dskd::batch
{

struct PackedRows {
    model::PackedTokens tokens; // every sample without its last token, which predicts nothing
    at::Tensor index;           // (R) int64: positions of `tokens` that predict a scored token
    at::Tensor labels;          // (R) int64: the token that each row predicts
    at::Tensor inputIds;        // (R) int64: the token at each row's own position
    std::vector<std::int64_t> rowsPerSample;
};

// The first scored position: the last prompt token, or 0 when the loss is on all tokens.
[[nodiscard]] std::int64_t firstScoredRow(const dataset::Sample& sample, config::LossOn lossOn);
// Scored positions; 0 for a sample that nothing can be learned from.
[[nodiscard]] std::int64_t numScoredRows(const dataset::Sample& sample, config::LossOn lossOn);

// Samples without a scored row must not be among them.
[[nodiscard]] PackedRows packRows(std::span<const dataset::Sample* const> samples, config::LossOn lossOn,
                                  at::Device device);

// The same with every sample padded to `length` positions by token `padding`, as the published collator does: `index`
// still holds the scored rows, and `outside` all other positions, sample after sample.
struct PaddedRows {
    PackedRows rows;
    at::Tensor outside; // int64
    std::vector<std::int64_t> outsidePerSample;
};
[[nodiscard]] PaddedRows padRows(std::span<const dataset::Sample* const> samples, config::LossOn lossOn,
                                 std::int64_t length, std::int64_t padding, at::Device device);

// How the published collator pads a micro-batch, and what the losses need of its positions outside the response
// (OutsideRows). Only for the fidelities that see it (config::seesPaddedBatch).
struct PaddedBatch {
    std::int64_t length = 0;         // every sample is padded to it (data.max_length) ...
    std::int64_t teacherPadding = 0; // by this token, the teacher's eos ...
    std::int64_t studentPadding = 0; // or the student's
    bool predicted = false;          // OutsideRows::predicted of the teacher
    bool states = false;             // OutsideRows::states of both sides
};

} // namespace dskd::batch
