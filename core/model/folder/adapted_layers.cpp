// Which layers of a model an adapter folder updates, from the header of its safetensors file.

#include "core/model/folder/adapter_config.h"
#include "core/model/folder/families/family.h"
#include "core/model/folder/safetensors_header.h"

#include <map>
#include <string_view>
#include <system_error>

namespace dskd::model
{
namespace
{
constexpr std::string_view kPrefix = "base_model.model."; // PEFT's wrapper and the model inside it

struct Shapes {
    std::vector<std::int64_t> a;
    std::vector<std::int64_t> b;
};

Failure noWeights(const std::filesystem::path& folder)
{
    std::error_code error;
    if (std::filesystem::exists(folder / "adapter_model.bin", error)) {
        return {folder.string() + " holds a pickled adapter only (adapter_model.bin), which is not read: loading a "
                                  "stranger's pickle runs a stranger's code.",
                "If you trust it, convert it once: load it with PeftModel.from_pretrained and save it with "
                "save_pretrained(…, safe_serialization=True)."};
    }
    return {folder.string() + " holds no " + kAdapterWeightsFile + ".", "Save or download the adapter again."};
}

// The layer that a tensor belongs to, and whether it is A or B; empty for a name of another kind.
std::pair<std::string, char> layerOf(std::string_view tensor)
{
    if (tensor.starts_with(kPrefix)) {
        tensor.remove_prefix(kPrefix.size());
        for (const char which : {'A', 'B'}) {
            const std::string end = std::string(".lora_") + which + ".weight";
            if (tensor.size() > end.size() && tensor.ends_with(end)) {
                return {std::string(tensor.substr(0, tensor.size() - end.size())), which};
            }
        }
    }
    return {};
}

Result<std::map<std::string, Shapes>> shapesByLayer(const std::filesystem::path& file)
{
    const auto header = readSafetensorsHeader(file);
    if (!header) {
        return header.failure();
    }
    std::map<std::string, Shapes> layers;
    for (const SafetensorsEntry& entry : header->entries) {
        const auto [layer, which] = layerOf(entry.name);
        if (layer.empty()) {
            return Failure{file.string() + " holds the tensor \"" + entry.name +
                               "\", which is not the A or B of a LoRA layer.",
                           "Only plain LoRA of linear layers is understood; merge the adapter with PEFT's "
                           "merge_and_unload() and name the merged model."};
        }
        (which == 'A' ? layers[layer].a : layers[layer].b) = entry.shape;
    }
    return layers;
}
} // namespace

std::string adapterTensorName(const std::string& layer, char which)
{
    return std::string(kPrefix) + layer + ".lora_" + which + ".weight";
}

Result<std::vector<LinearLayer>> readAdaptedLayers(const std::filesystem::path& folder, const ModelConfig& model)
{
    const auto config = readAdapterConfig(folder);
    if (!config) {
        return config.failure();
    }
    const std::filesystem::path file = folder / kAdapterWeightsFile;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        return noWeights(folder);
    }
    auto stored = shapesByLayer(file);
    if (!stored) {
        return stored.failure();
    }
    const std::string hint = "Adapter and model must belong together; name the model that the adapter was trained on.";
    std::vector<LinearLayer> layers;
    for (const LinearLayer& layer : linearLayers(model)) {
        const auto found = stored->find(layer.name);
        if (found == stored->end()) {
            continue;
        }
        const std::vector<std::int64_t> a{config->rank, layer.inputs};
        const std::vector<std::int64_t> b{layer.outputs, config->rank};
        if (found->second.a != a || found->second.b != b) {
            return Failure{file.string() + " does not fit the model: layer \"" + layer.name + "\" needs A of shape " +
                               shapeText(a) + " and B of shape " + shapeText(b) + ", and the file holds " +
                               shapeText(found->second.a) + " and " + shapeText(found->second.b) + ".",
                           hint};
        }
        layers.push_back(layer);
        stored->erase(found);
    }
    if (!stored->empty() && stored->begin()->first + ".weight" == model.family->head) {
        return Failure{file.string() + " updates \"" + stored->begin()->first +
                           "\", the model's head; LoRA of the head is not supported.",
                       "Merge the adapter with PEFT's merge_and_unload() and name the merged model."};
    }
    if (!stored->empty()) {
        return Failure{file.string() + " updates the layer \"" + stored->begin()->first + "\", which is no linear " +
                           "layer of the blocks of this " + familyName(model.family) + " of " +
                           std::to_string(model.layers) + " layers.",
                       hint};
    }
    if (layers.empty()) {
        return Failure{file.string() + " holds no tensors.", "Save or download the adapter again."};
    }
    return layers;
}

} // namespace dskd::model
