#pragma once

// Plain eager versions of every distance and every method, written from the paper's formulas and kept apart from the
// product's code: whole [rows, vocabulary] matrices, autograd, .detach() where the paper stops gradients. Slow and
// simple on purpose.

#include "core/distill/distiller.h"
#include "core/kernels/divergence.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

namespace dskd::oracle
{

// D(p || q) per row (R); gradients reach both sides' logits.
at::Tensor distances(const at::Tensor& studentLogits, const at::Tensor& targetLogits,
                     const kernels::DivergenceOptions& options);

// -log softmax(logits)[label] per row (R).
at::Tensor crossEntropy(const at::Tensor& logits, const at::Tensor& labels);

using Projectors = std::map<std::string, at::Tensor>; // "t2s.weight", ...

struct Terms {
    at::Tensor loss;
    std::map<std::string, at::Tensor> values; // as LossTerms::values
    at::Tensor projectedIsRight;              // (R) 1 where the projected teacher's argmax is the label
};

// The whole loss of a micro-batch. On answers of the student's own the labels of the projected teacher are the
// teacher's most probable tokens, at the rows of exact pairs.
Terms distillationLoss(const config::MethodConfig& method, const batch::StepRows& rows, const Projectors& projectors,
                       const batch::VocabularyMap& vocabularies = {}, bool ownAnswers = false);

} // namespace dskd::oracle
