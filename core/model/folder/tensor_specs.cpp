#include "core/model/folder/tensor_specs.h"

#include "core/model/folder/families/family.h"
#include "core/model/folder/families/tensor_list.h"

#include <algorithm>
#include <string_view>

namespace dskd::model
{

std::vector<TensorSpec> tensorSpecs(const ModelConfig& config)
{
    TensorList tensors;
    config.family->addTensors(config, tensors);
    if (!config.tiedHead) {
        tensors.add(config.family->head, {config.vocabularyRows, config.width});
    }
    return tensors.take();
}

std::string shapeText(std::span<const std::int64_t> shape)
{
    std::string text = "[";
    for (const std::int64_t dimension : shape) {
        text += (text.size() > 1 ? ", " : "") + std::to_string(dimension);
    }
    return text + "]";
}

bool belongsToBlock(const std::string& tensorName)
{
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    for (std::size_t dot = tensorName.find('.'); dot != std::string::npos; dot = tensorName.find('.', dot + 1)) {
        const std::size_t end = tensorName.find('.', dot + 1);
        if (end != std::string::npos && end > dot + 1 &&
            std::all_of(tensorName.begin() + static_cast<std::ptrdiff_t>(dot) + 1,
                        tensorName.begin() + static_cast<std::ptrdiff_t>(end), isDigit)) {
            return true;
        }
    }
    return false;
}

std::vector<LinearLayer> linearLayers(const ModelConfig& config)
{
    constexpr std::string_view kWeight = ".weight";
    const bool outFirst = config.family->layout == WeightLayout::OutIn;
    std::vector<LinearLayer> layers;
    for (const TensorSpec& spec : tensorSpecs(config)) {
        if (spec.shape.size() == 2 && belongsToBlock(spec.name) && spec.name.ends_with(kWeight)) {
            layers.push_back({spec.name.substr(0, spec.name.size() - kWeight.size()), spec.shape[outFirst ? 1 : 0],
                              spec.shape[outFirst ? 0 : 1]});
        }
    }
    return layers;
}

} // namespace dskd::model
