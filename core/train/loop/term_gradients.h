#pragma once

// How strongly each term of a loss pulls at the student: the norms of their gradients, one by one. Worker only.

#include "core/distill/loss_terms.h"
#include "core/train/loop/step.h"

#include <ATen/core/Tensor.h>
#include <functional>
#include <string>
#include <vector>

namespace dskd::train
{

// The loss of a micro-batch in which one term alone weighs (`only` of Distiller::compute, policyGradientLoss).
using LossOfTerm = std::function<distill::LossTerms(const std::string& term)>;

// The gradient of one term by each of the tensors; undefined where it does not depend on one. The graph under the loss
// stays as it is for the backward pass of the whole loss, no grad is touched, and no generator.
[[nodiscard]] std::vector<at::Tensor> termGradient(const LossOfTerm& lossOf, const std::string& term,
                                                   const std::vector<at::Tensor>& by);

// With StepParts::measuresGradients, adds "grad_norm.<term>" to `result`: the 2-norm of the gradient of each weighted
// term by the student's learning weights, on these rows, times `weight`. Costs a loss and a backward pass for each
// term, whose time goes to StepResult::asideSeconds, and while it runs the memory of one gradient of the student. Call
// it before learn(), which ends the graph.
void addTermGradients(const StepParts& parts, const std::vector<std::string>& terms, const LossOfTerm& lossOf,
                      StepResult& result, double weight = 1.0);

} // namespace dskd::train
