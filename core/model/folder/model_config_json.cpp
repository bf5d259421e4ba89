#include "core/model/folder/model_config.h"

#include <nlohmann/json.hpp>

namespace dskd::model
{
namespace
{
using nlohmann::ordered_json;

ordered_json gpt2Json(const ModelConfig& config)
{
    return {{"architectures", ordered_json::array({"GPT2LMHeadModel"})},
            {"model_type", "gpt2"},
            {"vocab_size", config.vocabularyRows},
            {"n_embd", config.width},
            {"n_layer", config.layers},
            {"n_head", config.heads},
            {"n_inner", config.innerWidth},
            {"n_positions", config.maxPositions},
            {"activation_function", config.activation},
            {"layer_norm_epsilon", config.normEpsilon},
            {"embd_pdrop", config.embeddingDropout},
            {"attn_pdrop", config.attentionDropout},
            {"resid_pdrop", config.residualDropout}};
}

ordered_json ropeScalingJson(const RopeScaling& scaling)
{
    if (scaling.linear) {
        return {{"rope_type", "linear"}, {"factor", scaling.factor}};
    }
    return {{"rope_type", "llama3"},
            {"factor", scaling.factor},
            {"low_freq_factor", scaling.lowFrequencyFactor},
            {"high_freq_factor", scaling.highFrequencyFactor},
            {"original_max_position_embeddings", scaling.originalMaxPositions}};
}

ordered_json llamaLikeJson(const ModelConfig& config)
{
    ordered_json object = {{"architectures", ordered_json::array({architectureName(config.family)})},
                           {"model_type", familyName(config.family)},
                           {"vocab_size", config.vocabularyRows},
                           {"hidden_size", config.width},
                           {"num_hidden_layers", config.layers},
                           {"num_attention_heads", config.heads},
                           {"num_key_value_heads", config.keyValueHeads},
                           {"head_dim", config.headWidth},
                           {"intermediate_size", config.innerWidth},
                           {"max_position_embeddings", config.maxPositions},
                           {"hidden_act", config.activation},
                           {"rms_norm_eps", config.normEpsilon},
                           {"rope_theta", config.ropeTheta},
                           {"attention_dropout", config.attentionDropout}};
    if (config.ropeScaling) {
        object["rope_scaling"] = ropeScalingJson(*config.ropeScaling);
    }
    if (config.family == Family::Llama) {
        object["attention_bias"] = config.attentionBias;
        object["mlp_bias"] = config.mlpBias;
    } else if (config.family == Family::Phi3) {
        object.erase("head_dim"); // it has none of its own
        object["sliding_window"] = config.slidingWindow ? ordered_json(*config.slidingWindow) : ordered_json();
        object["embd_pdrop"] = config.embeddingDropout;
        object["resid_pdrop"] = config.residualDropout;
        object["pad_token_id"] = nullptr; // its default lies beyond a small vocabulary
    } else if (config.family == Family::Mistral) {
        object["sliding_window"] = config.slidingWindow ? ordered_json(*config.slidingWindow) : ordered_json();
    } else {
        if (config.family == Family::Qwen3) {
            object["attention_bias"] = config.attentionBias;
        }
        object["use_sliding_window"] = config.slidingWindow.has_value();
        object["sliding_window"] = config.slidingWindow ? ordered_json(*config.slidingWindow) : ordered_json();
        object["max_window_layers"] = config.slidingWindow ? config.firstSlidingLayer : config.layers;
    }
    return object;
}
} // namespace

std::string configJson(const ModelConfig& config, const std::string& dtype)
{
    ordered_json object = ordered_json::parse(config.original, nullptr, false);
    if (!object.is_object()) {
        object = config.family == Family::Gpt2 ? gpt2Json(config) : llamaLikeJson(config);
        object["initializer_range"] = config.initializerRange;
        object["tie_word_embeddings"] = config.tiedHead;
        object["bos_token_id"] = config.bosId ? ordered_json(*config.bosId) : ordered_json();
        object["eos_token_id"] = config.eosIds.size() > 1 ? ordered_json(config.eosIds)
                                 : config.eosId           ? ordered_json(*config.eosId)
                                                          : ordered_json();
        object["torch_dtype"] = dtype;
    } else { // transformers 4 says torch_dtype, transformers 5 says dtype
        const bool old = object.contains("torch_dtype");
        if (old) {
            object["torch_dtype"] = dtype;
        }
        if (!old || object.contains("dtype")) {
            object["dtype"] = dtype;
        }
    }
    return object.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

} // namespace dskd::model
