#pragma once

// Decoder-only transformers of Hugging Face folders: GPT-2, GPT-NeoX, the Llama family and its relatives.
//
// Shapes: B sequences, T positions, N packed tokens, V vocabulary rows of the head, E width, L layers.

#include "core/base/result.h"
#include "core/model/folder/model_config.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dskd::model
{

// Sequences laid end to end without padding.
struct PackedTokens {
    at::Tensor ids;                    // (N) int64, on the model's device
    std::vector<std::int64_t> lengths; // sums to N
    // Of each sequence, how many tokens at its end are padding as transformers has it on the right of a batch: they
    // look at the tokens before the padding, and nothing looks at them. For what the published code computes there;
    // empty: none.
    std::vector<std::int64_t> padding = {};
};

// Sequences padded to a rectangle.
struct PaddedTokens {
    at::Tensor ids;  // (B, T) int64
    at::Tensor mask; // (B, T) bool, true where there is a token; padding may be on either side
};

// A tensor of the model under the name that Hugging Face gives it.
struct NamedTensor {
    std::string name;
    at::Tensor tensor;
    bool decay = true; // false for biases and norms: no weight decay
};

struct LoraAdapter;   // low-rank updates of linear layers (lora_adapter.h)
struct KeyValueCache; // keys and values of every layer (kv_cache.h)

class CausalLm
{
public:
    virtual ~CausalLm() = default;

    [[nodiscard]] virtual const ModelConfig& config() const = 0;

    // Hidden states after the final norm, which the head multiplies as they are. Where config().headSoftcap is not 0,
    // the products are capped on their way to being logits (softcap.h).
    //   returns (N, E) in the model's dtype
    // `training` switches dropout on, drawn from torch's default generator of the device.
    [[nodiscard]] virtual at::Tensor hiddenStates(const PackedTokens& tokens, bool training = false) = 0;
    //   returns (B, T, E); rows of padding hold finite values of no meaning
    [[nodiscard]] virtual at::Tensor hiddenStates(const PaddedTokens& tokens, bool training = false) = 0;
    // Continues the sequences in `cache` by T new tokens each and appends to the cache.
    //   ids (B, T); mask (B, T_past + T) bool over cached and new positions
    //   returns (B, T, E)
    [[nodiscard]] virtual at::Tensor hiddenStates(const at::Tensor& ids, const at::Tensor& mask,
                                                  KeyValueCache& cache) = 0;

    [[nodiscard]] virtual at::Tensor head() const = 0;           // (V, E), the tied embedding where config says so
    [[nodiscard]] virtual at::Tensor inputEmbedding() const = 0; // (V, E)

    // Every stored tensor once, in a fixed order; tied heads are not repeated. The tensors are the live parameters.
    // An adapter's tensors are not among them.
    [[nodiscard]] virtual const std::vector<NamedTensor>& parameters() const = 0;

    // The adapter whose updates are added to the linear layers wherever the model is run; null: none. The model shares
    // its tensors. Throws c10::Error when a layer is not of this model or has another shape.
    [[nodiscard]] virtual const LoraAdapter* adapter() const = 0;
    virtual void setAdapter(LoraAdapter adapter) = 0;

    // From now on a training pass keeps of every block its input only, and the backward pass computes the block again,
    // with the same dropout. Gradients are the same to the bit (CPU, float32). The model must outlive the backward.
    virtual void checkpointGradients() = 0;

    // Gives the linear layers second copies of their weights for products of few rows without gradients, until
    // dropPackedWeights(). REQUIRES: the weights do not change in between. Does nothing and returns false where there
    // is an adapter, or weights that are not float32 or not on the CPU. Used through PackedModel (packed_weights.h).
    virtual bool packWeights() = 0;
    virtual void dropPackedWeights() = 0;
};

struct LoadOptions {
    at::ScalarType dtype = at::kFloat; // weights are converted to this
    at::Device device = at::kCPU;
    bool trainable = false;                       // requires_grad on every parameter
    std::filesystem::path adapter;                // PEFT folder that is merged into the weights; empty: none
    std::optional<double> dropout;                // replaces every dropout probability of config.json
    std::vector<std::string>* warnings = nullptr; // receives a sentence for tensors that were ignored
};

// Reads config.json and safetensors of a Hugging Face folder. Fails with a sentence for pickled weights, an unknown
// architecture, damaged files, and a configuration that disagrees with the weights. A LoRA adapter's folder that names
// its base model's is read as that model with the adapter merged in. Weights that are used as they are
// stored stay in the file's mapping unless they are to be trained.
Result<std::unique_ptr<CausalLm>> loadCausalLm(const std::filesystem::path& folder, const LoadOptions& options = {});

// The architecture of `config` with fresh weights, as transformers' default initialisation draws them
// (normal(0, initializer_range), zeros for biases, ones for norms), from `seed`.
Result<std::unique_ptr<CausalLm>> createCausalLm(const ModelConfig& config, std::uint64_t seed,
                                                 const LoadOptions& options = {});

// Writes model.safetensors and config.json so that AutoModelForCausalLM.from_pretrained reads them. An adapter is
// merged into what is written, not into the model.
Result<void> saveCausalLm(const CausalLm& model, const std::filesystem::path& folder,
                          std::optional<at::ScalarType> dtype = std::nullopt);

} // namespace dskd::model
