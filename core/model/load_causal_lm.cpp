#include "core/model/causal_lm.h"
#include "core/model/folder/families/family.h"
#include "core/model/folder/stored_tensors.h"
#include "core/model/lora_adapter.h"
#include "core/model/make_causal_lm.h"
#include "core/model/safetensors.h"
#include "core/tensor/wide_float.h"

#include <ATen/ops/equal.h>
#include <utility>
#include <vector>

namespace dskd::model
{
namespace
{
// Moves the tensors that the model consists of from `weights` to the result, under their full names.
TensorMap takeTensors(const TensorPlaces& places, TensorMap& weights)
{
    TensorMap taken;
    for (const auto& [name, stored] : places.stored) {
        taken.emplace(name, std::move(weights.at(stored)));
    }
    return taken;
}

// A head that is stored though it is tied must be the embedding.
Result<void> checkTiedHead(const ModelConfig& config, const TensorMap& weights, const TensorMap& taken,
                           const std::filesystem::path& folder)
{
    const std::string embedding = tensorSpecs(config).front().name;
    const at::Tensor& tied = taken.at(embedding);
    const at::Tensor& head = weights.at(config.family->head);
    if (head.scalar_type() != tied.scalar_type() || !at::equal(head, tied)) {
        return disagreement(folder, "the head is said to be tied to the embedding, but tensor \"" +
                                        std::string(config.family->head) + "\" is stored and differs from \"" +
                                        embedding + "\"");
    }
    return {};
}

std::string ignoredText(const std::vector<std::string>& ignored, const std::filesystem::path& folder)
{
    constexpr std::size_t kShown = 5;
    std::string names;
    for (std::size_t i = 0; i < ignored.size() && i < kShown; ++i) {
        names += (i == 0 ? "" : ", ") + ignored[i];
    }
    return folder.string() + " holds " + std::to_string(ignored.size()) +
           (ignored.size() == 1 ? " tensor" : " tensors") + " that the architecture does not use; ignored: " + names +
           (ignored.size() > kShown ? ", …." : ".");
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
    const auto stored = readStoredTensors(resolved->base);
    if (!stored) {
        return stored.failure();
    }
    const auto places = placeTensors(*config, *stored, resolved->base);
    if (!places) {
        return places.failure();
    }
    auto weights = readModelWeights(resolved->base);
    if (!weights) {
        return weights.failure();
    }
    TensorMap tensors = takeTensors(*places, *weights);
    if (places->tiedHeadStored) {
        if (auto tied = checkTiedHead(*config, *weights, tensors, resolved->base); !tied) {
            return tied.failure();
        }
    }
    if (!places->unused.empty() && options.warnings != nullptr) {
        options.warnings->push_back(ignoredText(places->unused, resolved->base));
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
    for (auto& [name, tensor] : tensors) {
        const at::Tensor merged =
            withAdapters(name, tensor, adapters, config->family->layout, options.dtype, options.device);
        // A model in training must not depend on its file staying as it is, so it owns its weights.
        tensor = options.trainable && merged.is_same(tensor) ? merged.clone() : merged;
    }
    return makeCausalLm(withDropout(*config, options.dropout), std::move(tensors), options.trainable);
}

} // namespace dskd::model
