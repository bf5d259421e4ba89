#pragma once

// What the rows of a model predict through a head: entropies and most probable tokens. Pure functions of tensors, any
// device.
//
// Shapes: R rows, V vocabulary.

#include "core/kernels/head_loss.h"

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace dskd::analysis
{

struct RowPredictions {
    double entropySum = 0.0; // over the rows of - sum_v q(v) log q(v) in nats, q = softmax of the logits, temperature 1
    at::Tensor predicted;    // (R) int64 on the CPU: the most probable token of every row
};

// Over all columns of the head, as the losses do, and with its cap. Softmax and entropy are computed in float32
// (float64 for float64), the sum in float64. At most `chunkRows` rows of logits exist at a time. No gradient; no random
// numbers. Throws c10::Error naming the shapes when the rows do not fit the head.
[[nodiscard]] RowPredictions predictRows(const kernels::HeadRows& rows, std::int64_t chunkRows);

} // namespace dskd::analysis
