#include "core/model/causal_lm.h"
#include "core/model/folder/tensor_specs.h"
#include "core/model/lora_adapter.h"
#include "core/model/make_causal_lm.h"
#include "core/model/safetensors.h"
#include "core/tensor/wide_float.h"

#include <ATen/ops/equal.h>
#include <sstream>
#include <utility>
#include <vector>

namespace dskd::model
{
namespace
{
bool endsWith(const std::string& text, std::string_view end)
{
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string withoutPrefix(const std::string& name, const std::string& prefix)
{
    return name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name;
}

// Constants that older versions of transformers stored among the weights.
bool isStoredConstant(const std::string& name, Family family)
{
    switch (family) {
    case Family::Gpt2: return endsWith(name, ".attn.bias") || endsWith(name, ".attn.masked_bias");
    case Family::GptNeoX:
        return endsWith(name, ".attention.bias") || endsWith(name, ".attention.masked_bias") ||
               endsWith(name, ".rotary_emb.inv_freq");
    default: return endsWith(name, ".rotary_emb.inv_freq");
    }
}

std::string shapeText(at::IntArrayRef shape)
{
    std::ostringstream text;
    text << shape;
    return text.str();
}

Failure disagreement(const std::filesystem::path& folder, const std::string& how)
{
    return {(folder / "config.json").string() + " disagrees with the weights: " + how + ".",
            "Download or export the model again; both files must come from the same model."};
}

// Moves the tensors that `config` consists of from `weights` to the result, under their full names.
Result<TensorMap> takeTensors(const ModelConfig& config, TensorMap& weights, const std::filesystem::path& folder)
{
    const std::string prefix = baseModelPrefix(config.family);
    TensorMap taken;
    for (const TensorSpec& spec : tensorSpecs(config)) {
        auto found = weights.find(spec.name);
        if (found == weights.end()) {
            found = weights.find(withoutPrefix(spec.name, prefix));
        }
        if (found == weights.end()) {
            if (spec.name == headName(config.family)) {
                return Failure{folder.string() + " has no tensor \"" + spec.name +
                                   "\", and its config.json does not tie the head to the embedding.",
                               "Set \"tie_word_embeddings\" to true in config.json if the model shares them."};
            }
            return disagreement(folder,
                                "tensor \"" + spec.name + "\" of shape " + shapeText(spec.shape) + " is missing");
        }
        const at::Tensor& tensor = found->second;
        if (tensor.sizes() != at::IntArrayRef(spec.shape)) {
            return disagreement(folder, "tensor \"" + found->first + "\" should have the shape " +
                                            shapeText(spec.shape) + " and has " + shapeText(tensor.sizes()));
        }
        if (!tensor.is_floating_point()) {
            return Failure{folder.string() + ": tensor \"" + found->first + "\" has the element type " +
                               c10::toString(tensor.scalar_type()) + ", but weights are floating-point numbers.",
                           "Use the model in float32, float16 or bfloat16."};
        }
        taken.emplace(spec.name, tensor);
        weights.erase(found);
    }
    return taken;
}

// What `weights` still holds after the model took its tensors: constants and copies of the tied head are dropped,
// tensors of the layers mean that the configuration is of another model, anything else is worth a warning.
Result<void> judgeRest(const ModelConfig& config, const TensorMap& weights, const TensorMap& taken,
                       const std::filesystem::path& folder, std::vector<std::string>* warnings)
{
    const std::string prefix = baseModelPrefix(config.family);
    const std::string layers = config.family == Family::Gpt2 ? "h." : "layers.";
    const std::string embedding = tensorSpecs(config).front().name;
    std::vector<std::string> ignored;
    for (const auto& [name, tensor] : weights) {
        if (isStoredConstant(name, config.family)) {
            continue;
        }
        if (name == headName(config.family) && config.tiedHead) {
            const at::Tensor& tied = taken.at(embedding);
            if (tensor.scalar_type() != tied.scalar_type() || !at::equal(tensor, tied)) {
                return disagreement(folder, "the head is said to be tied to the embedding, but tensor \"" + name +
                                                "\" is stored and differs from \"" + embedding + "\"");
            }
            continue;
        }
        if (withoutPrefix(name, prefix).rfind(layers, 0) == 0) {
            return disagreement(folder, "tensor \"" + name + "\" of shape " + shapeText(tensor.sizes()) +
                                            " has no place in a " + familyName(config.family) + " of " +
                                            std::to_string(config.layers) + " layers with this configuration");
        }
        ignored.push_back(name);
    }
    if (!ignored.empty() && warnings != nullptr) {
        std::string names;
        constexpr std::size_t kShown = 5;
        for (std::size_t i = 0; i < ignored.size() && i < kShown; ++i) {
            names += (i == 0 ? "" : ", ") + ignored[i];
        }
        warnings->push_back(folder.string() + " holds " + std::to_string(ignored.size()) +
                            (ignored.size() == 1 ? " tensor" : " tensors") +
                            " that the architecture does not use; ignored: " + names +
                            (ignored.size() > kShown ? ", …." : "."));
    }
    return {};
}
} // namespace

Result<std::unique_ptr<CausalLm>> loadCausalLm(const std::filesystem::path& folder, const LoadOptions& options)
{
    const auto resolved = resolveModelFolder(folder);
    if (!resolved) {
        return resolved.failure();
    }
    const auto config = readModelConfig(resolved->base);
    if (!config) {
        return config.failure();
    }
    auto weights = readModelWeights(resolved->base);
    if (!weights) {
        return weights.failure();
    }
    auto tensors = takeTensors(*config, *weights, resolved->base);
    if (!tensors) {
        return tensors.failure();
    }
    if (auto judged = judgeRest(*config, *weights, *tensors, resolved->base, options.warnings); !judged) {
        return judged.failure();
    }
    std::vector<LoraAdapter> adapters;
    // Read as they are stored, so that the sum of weights and updates is rounded and not its parts.
    const at::ScalarType wide = tensor::wideFloat(options.dtype);
    for (const std::filesystem::path& adapterFolder : {resolved->adapter, options.adapter}) {
        if (adapterFolder.empty()) {
            continue;
        }
        auto adapter = readAdapter(adapterFolder, *config, at::TensorOptions(wide).device(options.device));
        if (!adapter) {
            return adapter.failure();
        }
        adapters.push_back(std::move(*adapter));
    }
    for (auto& [name, tensor] : *tensors) {
        const at::Tensor merged = withAdapters(name, tensor, adapters, config->family, options.dtype, options.device);
        // A model in training must not depend on its file staying as it is, so it owns its weights.
        tensor = options.trainable && merged.is_same(tensor) ? merged.clone() : merged;
    }
    return makeCausalLm(withDropout(*config, options.dropout), std::move(*tensors), options.trainable);
}

} // namespace dskd::model
