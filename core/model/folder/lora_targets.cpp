#include "core/model/folder/lora_targets.h"

#include "core/model/folder/families/family.h"

#include <algorithm>
#include <string_view>

namespace dskd::model
{
namespace
{
constexpr std::string_view kAllLinear = "all-linear";

// PEFT's rule: the whole name, or its end from a dot on.
bool matches(std::string_view layer, std::string_view target)
{
    return layer == target ||
           (layer.size() > target.size() && layer.ends_with(target) && layer[layer.size() - target.size() - 1] == '.');
}

std::vector<std::string> separated(const std::string& text)
{
    std::vector<std::string> names;
    std::string name;
    const auto take = [&] {
        if (!name.empty()) {
            names.push_back(name);
        }
        name.clear();
    };
    for (const char c : text) {
        if (c == ',') {
            take();
        } else if (c != ' ' && c != '\t') {
            name += c;
        }
    }
    take();
    return names;
}

std::string listed(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

bool isEmbeddingOrHead(const ModelConfig& model, const std::string& target)
{
    const auto matchesTensor = [&](std::string_view tensor) {
        constexpr std::string_view kWeight = ".weight";
        return matches(tensor.substr(0, tensor.size() - kWeight.size()), target);
    };
    const std::vector<TensorSpec> specs = tensorSpecs(model);
    return matchesTensor(model.family->head) || // a tied head is not among the tensors
           std::any_of(specs.begin(), specs.end(), [&](const TensorSpec& spec) {
               return spec.shape.size() == 2 && !belongsToBlock(spec.name) && matchesTensor(spec.name);
           });
}
} // namespace

std::vector<std::string> linearNames(const ModelConfig& model)
{
    std::vector<std::string> names;
    for (const LinearLayer& layer : linearLayers(model)) {
        const std::string name = layer.name.substr(layer.name.rfind('.') + 1);
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    }
    return names;
}

Result<LoraTargets> loraTargets(const ModelConfig& model, const std::string& targets)
{
    LoraTargets result;
    result.names = separated(targets.empty() ? model.family->loraTargets : targets);
    if (result.names.empty()) {
        return Failure{"lora.targets \"" + targets + "\" names no layer.",
                       "Name layers (" + listed(linearNames(model)) + "), or leave it empty for the family's default."};
    }
    if (std::find(result.names.begin(), result.names.end(), kAllLinear) != result.names.end()) {
        if (result.names.size() > 1) {
            return Failure{"lora.targets \"" + targets +
                               "\" names other layers beside all-linear, which already stands "
                               "for every linear layer.",
                           "Write all-linear alone, or leave it out and name the layers (" +
                               listed(linearNames(model)) + ")."};
        }
        result.names = linearNames(model);
    }
    const std::vector<LinearLayer> layers = linearLayers(model);
    for (const std::string& name : result.names) {
        const bool known = std::any_of(layers.begin(), layers.end(),
                                       [&](const LinearLayer& layer) { return matches(layer.name, name); });
        if (known) {
            continue;
        }
        const std::string choose = "Choose among " + listed(linearNames(model)) + ", or all-linear for all of them.";
        if (isEmbeddingOrHead(model, name)) {
            return Failure{"lora.targets names \"" + name +
                               "\", but embeddings and the head stay as they are in LoRA training.",
                           choose};
        }
        return Failure{"lora.targets names \"" + name + "\", which no linear layer of this " +
                           familyName(model.family) + " is called.",
                       choose};
    }
    for (const LinearLayer& layer : layers) {
        if (std::any_of(result.names.begin(), result.names.end(),
                        [&](const std::string& name) { return matches(layer.name, name); })) {
            result.layers.push_back(layer);
        }
    }
    return result;
}

} // namespace dskd::model
