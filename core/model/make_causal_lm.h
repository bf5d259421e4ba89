#pragma once

// From weights to a model. For loading and creating in core/model; others call loadCausalLm or createCausalLm.

#include "core/model/causal_lm.h"
#include "core/model/safetensors.h"

#include <memory>
#include <optional>

namespace dskd::model
{

// The architecture of `config` over `weights`, which holds exactly the tensors of tensorSpecs(config) under their
// names, with their shapes, one dtype and one device. The model keeps these tensors as its live parameters, in the
// order of tensorSpecs; `trainable` sets requires_grad on each. A missing or misshapen tensor is a broken contract
// (c10::Error).
[[nodiscard]] std::unique_ptr<CausalLm> makeCausalLm(const ModelConfig& config, TensorMap weights, bool trainable);

// The configuration with every dropout probability replaced, when one is given.
[[nodiscard]] ModelConfig withDropout(ModelConfig config, std::optional<double> dropout);

} // namespace dskd::model
