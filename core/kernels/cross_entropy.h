#pragma once

// Cross-entropy of rows of logits against labels, with its gradient and what can be read off on the way. No autograd.
// Any device; computed in float32, or in float64 for float64 logits.

#include <ATen/core/Tensor.h>

namespace dskd::kernels
{

struct CrossEntropyRows {
    at::Tensor values;         // (R) -log softmax(logits)[label]
    at::Tensor gradient;       // (R, V) softmax - onehot(label); undefined unless asked for
    at::Tensor predicted;      // (R) int64: the token with the largest logit
    at::Tensor maxProbability; // (R) probability of the most probable token
};

//   logits (R, V), labels (R) int64 in [0, V)
[[nodiscard]] CrossEntropyRows crossEntropy(const at::Tensor& logits, const at::Tensor& labels, bool withGradient);

} // namespace dskd::kernels
