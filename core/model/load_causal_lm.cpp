#include "core/model/causal_lm.h"
#include "core/model/folder/families/family.h"
#include "core/model/lora_adapter.h"
#include "core/model/make_causal_lm.h"
#include "core/model/safetensors.h"
#include "core/tensor/wide_float.h"

#include <ATen/ops/equal.h>
#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace dskd::model
{
namespace
{
std::string withoutPrefix(const std::string& name, std::string_view prefix)
{
    return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

// Constants that older versions of transformers stored among the weights.
bool isStoredConstant(const std::string& name, const Family& family)
{
    return std::any_of(family.constants.begin(), family.constants.end(),
                       [&](const char* end) { return end != nullptr && name.ends_with(end); });
}

Failure disagreement(const std::filesystem::path& folder, const std::string& how)
{
    return {(folder / "config.json").string() + " disagrees with the weights: " + how + ".",
            "Download or export the model again; both files must come from the same model."};
}

// Moves the tensors that `config` consists of from `weights` to the result, under their full names.
Result<TensorMap> takeTensors(const ModelConfig& config, TensorMap& weights, const std::filesystem::path& folder)
{
    const Family& family = *config.family;
    TensorMap taken;
    for (const TensorSpec& spec : tensorSpecs(config)) {
        auto found = weights.find(spec.name);
        if (found == weights.end()) {
            found = weights.find(withoutPrefix(spec.name, family.prefix));
        }
        if (found == weights.end()) {
            if (spec.name == family.head) {
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
// tensors of the layers mean that the configuration is of another model, and all others are named in a warning.
Result<void> checkUnused(const ModelConfig& config, const TensorMap& weights, const TensorMap& taken,
                         const std::filesystem::path& folder, std::vector<std::string>* warnings)
{
    const Family& family = *config.family;
    const std::string embedding = tensorSpecs(config).front().name;
    std::vector<std::string> ignored;
    for (const auto& [name, tensor] : weights) {
        if (isStoredConstant(name, family)) {
            continue;
        }
        if (name == family.head && config.tiedHead) {
            const at::Tensor& tied = taken.at(embedding);
            if (tensor.scalar_type() != tied.scalar_type() || !at::equal(tensor, tied)) {
                return disagreement(folder, "the head is said to be tied to the embedding, but tensor \"" + name +
                                                "\" is stored and differs from \"" + embedding + "\"");
            }
            continue;
        }
        if (withoutPrefix(name, family.prefix).starts_with(family.blocks)) {
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
    if (auto checked = checkUnused(*config, *weights, *tensors, resolved->base, options.warnings); !checked) {
        return checked.failure();
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
        const at::Tensor merged =
            withAdapters(name, tensor, adapters, config->family->layout, options.dtype, options.device);
        // A model in training must not depend on its file staying as it is, so it owns its weights.
        tensor = options.trainable && merged.is_same(tensor) ? merged.clone() : merged;
    }
    return makeCausalLm(withDropout(*config, options.dropout), std::move(*tensors), options.trainable);
}

} // namespace dskd::model
