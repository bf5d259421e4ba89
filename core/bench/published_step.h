#pragma once

// The step of the published code of DSKD (dual_space_kd.py and various_divergence.py), operation by operation in eager
// LibTorch: every sample padded to one length, logits of both models at every position, the teacher run in every step,
// each loss over whole (N, V) tensors with the positions that do not count masked at the end. The blocks of the models
// are the program's own, at the padded positions; clipping and AdamW (at::_fused_adamw_) are the same on both sides.
// What is compared with it is therefore what the program leaves out, not another model or optimizer.
//
// Shapes: B samples, T positions, N = B T, V vocabulary, d/D widths of student and teacher.

#include "core/config/schema/method_config.h"
#include "core/dataset/sample.h"
#include "core/model/causal_lm.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace dskd::bench
{

inline constexpr std::int64_t kNotScored = -100; // the label of a position that does not count

// The published collator's batch.
struct PublishedBatch {
    model::PackedTokens tokens; // of B sequences of T positions, padding at their ends
    at::Tensor labels;          // (N) int64, kNotScored at prompts and padding
    double denominator = 1.0;   // positions that count
};

// Samples longer than `length` positions keep theirs. Padding is token 0.
[[nodiscard]] PublishedBatch publishedBatch(std::span<const dataset::Sample* const> samples, std::int64_t length,
                                            at::Device device);

struct PublishedStates {
    at::Tensor studentHidden; // (N, d), carries the graph
    at::Tensor studentHead;   // (V, d)
    at::Tensor teacherHidden; // (N, D)
    at::Tensor teacherHead;   // (V, D)
};

// "t2s.weight", "t2s.bias", "s2t.weight", ...: the spaces of the method decide which are used.
using PublishedProjectors = std::map<std::string, at::Tensor>;

struct PublishedLoss {
    at::Tensor loss; // () float32, divided by the denominator
    // Positions where the argmax is the label, () int64; undefined where the method has no such space.
    at::Tensor correct;          // of the student
    at::Tensor projectedCorrect; // of the projected teacher
};

// (1 - kdRate) cross-entropy + kdRate (distances in the method's spaces): the loss of one tokenizer. TVD, SYM, GJS and
// ULD are not in the published code and are written in its way. Masks of DSKD v2 are not part of it.
[[nodiscard]] PublishedLoss publishedLoss(const config::MethodConfig& method, const PublishedStates& states,
                                          const at::Tensor& labels, double denominator,
                                          const PublishedProjectors& projectors);

// Both models on the batch, then the loss. Gradients reach the student and the projectors.
[[nodiscard]] PublishedLoss publishedForward(const config::MethodConfig& method, model::CausalLm& student,
                                             model::CausalLm& teacher, const PublishedBatch& batch,
                                             const PublishedProjectors& projectors);

// About how many (N, V) float32 tensors are alive at once at the peak of publishedLoss with its gradients.
[[nodiscard]] std::int64_t publishedLogitTensors(const config::MethodConfig& method);

} // namespace dskd::bench
