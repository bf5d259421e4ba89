#pragma once

// Which tensors a configuration consists of. Loading checks files against this list, creating draws from it, and
// every family keeps its parameters in this order. Knows nothing of tensors themselves.

#include "core/model/folder/model_config.h"

#include <cstdint>
#include <span>
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

// How a linear layer's weight lies: as (outputs, inputs), or as GPT-2's Conv1D, (inputs, outputs).
enum class WeightLayout { OutIn, InOut };

struct TensorSpec {
    std::string name; // as AutoModelForCausalLM names it: "transformer.h.0.ln_1.weight", "model.norm.weight"
    std::vector<std::int64_t> shape; // as stored; GPT-2's projections are (in, out), all others (out, in)
    bool decay = true;               // false for biases and norms: no weight decay
    Init init = Init::Normal;
};

// Every stored tensor once: the token embedding (V, E), other embeddings, layers from the first to the last, final
// norm, then the head (V, E) unless it is tied.
[[nodiscard]] std::vector<TensorSpec> tensorSpecs(const ModelConfig& config);

// A linear layer of the blocks, under the name of its module: "model.layers.0.self_attn.q_proj".
struct LinearLayer {
    std::string name;
    std::int64_t inputs = 0;
    std::int64_t outputs = 0;
};

// Those of every block, in the order of tensorSpecs; neither embeddings nor the head.
[[nodiscard]] std::vector<LinearLayer> linearLayers(const ModelConfig& config);

// "[12, 8]"
[[nodiscard]] std::string shapeText(std::span<const std::int64_t> shape);

// True for the tensors of the numbered blocks: "transformer.h.0.ln_1.weight".
[[nodiscard]] bool belongsToBlock(const std::string& tensorName);

} // namespace dskd::model
