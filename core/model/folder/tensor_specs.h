#pragma once

// Which tensors a configuration consists of. Loading checks files against this list, creating draws from it, and
// every family keeps its parameters in this order. Knows nothing of tensors themselves.

#include "core/model/folder/model_config.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dskd::model
{

enum class Init {
    Normal,         // normal(0, initializer_range)
    ScaledResidual, // normal(0, initializer_range / sqrt(2 * layers)): GPT-2's projections into the residual stream
    Ones,
    Zeros,
};

struct TensorSpec {
    std::string name; // as AutoModelForCausalLM names it: "transformer.h.0.ln_1.weight", "model.norm.weight"
    std::vector<std::int64_t> shape; // as stored; GPT-2's projections are (in, out), all others (out, in)
    bool decay = true;               // false for biases and norms: no weight decay
    Init init = Init::Normal;
};

// Every stored tensor once: embeddings, layers from the first to the last, final norm, then "lm_head.weight" (V, E)
// unless the head is tied.
[[nodiscard]] std::vector<TensorSpec> tensorSpecs(const ModelConfig& config);

// "transformer." or "model.": what a bare AutoModel leaves out of the names.
[[nodiscard]] std::string baseModelPrefix(Family family);

} // namespace dskd::model
