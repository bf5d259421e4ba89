#include "core/model/folder/model_config.h"

#include <algorithm>
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

ordered_json gptNeoXJson(const ModelConfig& config)
{
    ordered_json object = {
        {"architectures", ordered_json::array({"GPTNeoXForCausalLM"})},
        {"model_type", "gpt_neox"},
        {"vocab_size", config.vocabularyRows},
        {"hidden_size", config.width},
        {"num_hidden_layers", config.layers},
        {"num_attention_heads", config.heads},
        {"intermediate_size", config.innerWidth},
        {"max_position_embeddings", config.maxPositions},
        {"hidden_act", config.activation},
        {"layer_norm_eps", config.normEpsilon},
        {"attention_bias", config.attentionBias},
        {"use_parallel_residual", config.parallelResidual},
        {"rotary_emb_base", config.ropeTheta},
        {"rotary_pct", static_cast<double>(config.rotaryWidth == 0 ? config.headWidth : config.rotaryWidth) /
                           static_cast<double>(config.headWidth)},
        {"attention_dropout", config.attentionDropout},
        {"hidden_dropout", config.residualDropout}};
    if (config.ropeScaling) {
        object["rope_scaling"] = ropeScalingJson(*config.ropeScaling);
    }
    return object;
}

ordered_json orNull(double limit)
{
    return limit > 0.0 ? ordered_json(limit) : ordered_json();
}

ordered_json layerTypesJson(const ModelConfig& config)
{
    ordered_json types = ordered_json::array();
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        types.push_back(windowOf(config, layer) ? "sliding_attention" : "full_attention");
    }
    return types;
}

// What Gemma says beside the fields of all Llama-like families.
void addGemma(const ModelConfig& config, ordered_json& object)
{
    object["attention_bias"] = config.attentionBias;
    object["pad_token_id"] = nullptr;
    if (config.family == Family::Gemma) {
        return;
    }
    object.erase("hidden_act");
    object["hidden_activation"] = config.activation;
    object["query_pre_attn_scalar"] = config.queryScalar > 0 ? config.queryScalar : config.headWidth;
    object["attn_logit_softcapping"] = orNull(config.attentionSoftcap);
    object["final_logit_softcapping"] = orNull(config.headSoftcap);
    object["layer_types"] = layerTypesJson(config);
    if (config.windowRopeTheta) {
        object["rope_local_base_freq"] = *config.windowRopeTheta;
    }
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
    const ordered_json window = config.slidingWindow ? ordered_json(*config.slidingWindow) : ordered_json();
    switch (config.family) {
    case Family::SmolLm3: {
        ordered_json turns = ordered_json::array();
        for (std::size_t layer = 0; layer < static_cast<std::size_t>(config.layers); ++layer) {
            turns.push_back(!config.unrotatedLayers.empty() && config.unrotatedLayers[layer] ? 0 : 1);
        }
        object["no_rope_layers"] = turns;
        object["use_sliding_window"] = config.slidingWindow.has_value();
        object["sliding_window"] = window;
        object["layer_types"] = layerTypesJson(config);
        object["pad_token_id"] = nullptr;
        [[fallthrough]];
    }
    case Family::Llama:
        object["attention_bias"] = config.attentionBias;
        object["mlp_bias"] = config.mlpBias;
        break;
    case Family::Phi3:
        object.erase("head_dim"); // it has none of its own
        object["sliding_window"] = window;
        object["embd_pdrop"] = config.embeddingDropout;
        object["resid_pdrop"] = config.residualDropout;
        object["pad_token_id"] = nullptr; // its default lies beyond a small vocabulary
        break;
    case Family::Mistral: object["sliding_window"] = window; break;
    case Family::Qwen3: object["attention_bias"] = config.attentionBias; [[fallthrough]];
    case Family::Qwen2: {
        const auto first = std::find(config.windowedLayers.begin(), config.windowedLayers.end(), true);
        object["use_sliding_window"] = config.slidingWindow.has_value();
        object["sliding_window"] = window;
        object["max_window_layers"] = config.slidingWindow ? first - config.windowedLayers.begin() : config.layers;
        break;
    }
    case Family::Gemma2:
    case Family::Gemma3: object["sliding_window"] = window; [[fallthrough]];
    case Family::Gemma: addGemma(config, object); break;
    case Family::Olmo:
        object.erase("rms_norm_eps"); // 1e-5 always
        object["clip_qkv"] = orNull(config.queryKeyValueClip);
        [[fallthrough]];
    case Family::Olmo2:
        object["attention_bias"] = config.attentionBias;
        object["pad_token_id"] = nullptr;
        break;
    case Family::Gpt2:
    case Family::GptNeoX: break; // written by functions of their own
    }
    return object;
}
} // namespace

std::string configJson(const ModelConfig& config, const std::string& dtype)
{
    ordered_json object = ordered_json::parse(config.original, nullptr, false);
    if (!object.is_object()) {
        object = config.family == Family::Gpt2      ? gpt2Json(config)
                 : config.family == Family::GptNeoX ? gptNeoXJson(config)
                                                    : llamaLikeJson(config);
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
