#pragma once

// Small config.json files of each family, and what becomes of them.

#include "core/model/folder/model_config.h"
#include "core/model/folder/tensor_specs.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace dskd::model::testing
{

using nlohmann::ordered_json;

inline ordered_json gpt2()
{
    return {{"model_type", "gpt2"}, {"vocab_size", 50257}, {"n_embd", 768},
            {"n_layer", 12},        {"n_head", 12},        {"n_positions", 1024}};
}

inline ordered_json llamaLike(const std::string& type)
{
    return {{"model_type", type},       {"vocab_size", 32000},       {"hidden_size", 2048},
            {"num_hidden_layers", 22},  {"num_attention_heads", 32}, {"num_key_value_heads", 4},
            {"intermediate_size", 5632}};
}

inline Result<ModelConfig> parse(const ordered_json& json)
{
    return parseModelConfig(json.dump(), "model/config.json");
}

// Whether the first block has a tensor of this name.
inline bool hasTensor(const ordered_json& json, const std::string& name)
{
    const std::vector<TensorSpec> specs = tensorSpecs(parse(json).value());
    return std::any_of(specs.begin(), specs.end(),
                       [&](const TensorSpec& spec) { return spec.name == "model.layers.0." + name; });
}

// Why the configuration with `field` set to `value` is refused; empty when it is not.
inline std::string refusal(ordered_json json, const std::string& field, const ordered_json& value)
{
    json[field] = value;
    const auto config = parse(json);
    return config ? "" : config.failure().text();
}

} // namespace dskd::model::testing
