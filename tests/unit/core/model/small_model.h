#pragma once

// Models of every family, made rather than read, and folders of them that are damaged.

#include "core/model/causal_lm.h"
#include "core/model/safetensors.h"
#include "tests/unit/core/model/safetensors_bytes.h"

#include <ATen/ATen.h>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace dskd::model::testing
{

// The config.json of a model of this family that is as small as can be.
inline std::string smallConfig(const std::string& type, bool tied)
{
    nlohmann::ordered_json json;
    if (type == "gpt2") {
        json = {{"model_type", "gpt2"}, {"vocab_size", 11}, {"n_embd", 8},
                {"n_layer", 2},         {"n_head", 2},      {"n_positions", 16}};
    } else {
        json = {{"model_type", type},      {"vocab_size", 11},         {"hidden_size", 8},
                {"num_hidden_layers", 2},  {"num_attention_heads", 4}, {"num_key_value_heads", 2},
                {"intermediate_size", 12}, {"my_field", "kept"}};
    }
    if (type == "gpt_neox") {
        json["rotary_pct"] = 1.0; // a quarter of heads this narrow would be nothing
    }
    json["tie_word_embeddings"] = tied;
    return json.dump();
}

inline std::unique_ptr<CausalLm> smallModel(const std::string& type, bool tied, std::uint64_t seed = 1,
                                            const LoadOptions& options = {})
{
    return createCausalLm(parseModelConfig(smallConfig(type, tied), "config.json").value(), seed, options).value();
}

// What it makes of two short sequences.
inline at::Tensor hidden(CausalLm& model)
{
    return model.hiddenStates(PackedTokens{at::tensor({3, 1, 4, 1, 5, 9}, at::kLong), {4, 2}});
}

// A saved model whose tensors were changed; returns why it is refused, empty when it is not.
inline std::string refusalAfter(const std::string& type, bool tied, const std::function<void(TensorMap&)>& change,
                                std::vector<std::string>* warnings = nullptr)
{
    const TemporaryFolder folder;
    saveCausalLm(*smallModel(type, tied), folder.path()).value();
    TensorMap tensors = readModelWeights(folder.path()).value();
    change(tensors);
    writeSafetensors(folder.path() / "model.safetensors", {tensors.begin(), tensors.end()}).value();
    LoadOptions options;
    options.warnings = warnings;
    const auto loaded = loadCausalLm(folder.path(), options);
    return loaded ? "" : loaded.failure().text();
}

} // namespace dskd::model::testing
