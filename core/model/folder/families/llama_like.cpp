#include "core/model/folder/families/family.h"
#include "core/model/folder/families/field_checks.h"
#include "core/model/folder/families/rope_fields.h"
#include "core/model/folder/families/tensor_list.h"

// Shapes: V vocabulary rows, E width, F inner width, Q = heads * head width, K = key-value heads * head width.

namespace dskd::model
{
namespace
{
using nlohmann::ordered_json;

constexpr const char* kQueryScalar = "query_pre_attn_scalar";
constexpr const char* kAttentionSoftcap = "attn_logit_softcapping";
constexpr const char* kHeadSoftcap = "final_logit_softcapping";

void readActivation(ConfigReader& reader, ModelConfig& config)
{
    const Family& family = *config.family;
    config.activation = reader.textOr(family.activationField, family.activation);
    if (config.activation == family.activationAlias) {
        config.activation = family.activation;
    }
    if (config.activation != family.activation) {
        refuseActivation(reader, config, config.activation, std::string("is ") + family.activation);
    }
}
} // namespace

void readLlamaLike(ConfigReader& reader, ModelConfig& config)
{
    const Family& family = *config.family;
    config.width = reader.count("hidden_size", kMaxWidth);
    config.layers = reader.count("num_hidden_layers", kMaxLayers);
    config.heads = reader.count("num_attention_heads", kMaxHeads);
    config.innerWidth = reader.count("intermediate_size", kMaxInnerWidth);
    const bool asHeads = family.keyValueHeads == 0 || reader.mentions("num_key_value_heads");
    config.keyValueHeads =
        reader.countOr("num_key_value_heads", kMaxHeads, asHeads ? config.heads : family.keyValueHeads);
    config.headWidth = reader.countOr("head_dim", kMaxHeadWidth, family.headWidth);
    if (config.headWidth == 0) {
        divideWidth(reader, config);
    }
    if (config.heads % config.keyValueHeads != 0) {
        reader.refuse("the " + std::to_string(config.heads) +
                      " heads (num_attention_heads) are not a multiple of the " + std::to_string(config.keyValueHeads) +
                      " key-value heads (num_key_value_heads)");
    }
    config.maxPositions = reader.countOr("max_position_embeddings", kMaxPositions, family.maxPositions);
    config.normEpsilon = family.normEpsilonField == nullptr
                             ? family.normEpsilon
                             : reader.numberOr(family.normEpsilonField, 0.0, 1.0, family.normEpsilon);
    config.attentionDropout = reader.numberOr("attention_dropout", 0.0, 1.0, 0.0);
    config.ropeTheta = family.ropeTheta;
    config.windowRopeTheta = family.windowRopeTheta;
    if (readRope(reader, config) != 1.0) {
        reader.refuse("\"partial_rotary_factor\" other than 1 is not supported for " + familyName(config.family));
    }
    readActivation(reader, config);
    config.attentionBias = family.attentionBiasField && reader.flagOr("attention_bias", false);
    config.mlpBias = family.mlpBiasField && reader.flagOr("mlp_bias", false);
    if (family.queryScalar) {
        config.queryScalar = reader.countOr(kQueryScalar, kMaxWidth, *family.queryScalar);
    }
    if (family.attentionSoftcap) {
        config.attentionSoftcap = readLimit(reader, kAttentionSoftcap, *family.attentionSoftcap);
    }
    if (family.headSoftcap) {
        config.headSoftcap = readLimit(reader, kHeadSoftcap, *family.headSoftcap);
    }
    if (family.readMore != nullptr) {
        family.readMore(reader, config);
    }
}

void writeLlamaLike(const ModelConfig& config, ordered_json& object)
{
    const Family& family = *config.family;
    object["hidden_size"] = config.width;
    object["num_hidden_layers"] = config.layers;
    object["num_attention_heads"] = config.heads;
    object["num_key_value_heads"] = config.keyValueHeads;
    object["head_dim"] = config.headWidth;
    object["intermediate_size"] = config.innerWidth;
    object["max_position_embeddings"] = config.maxPositions;
    object[family.activationField] = config.activation;
    if (family.normEpsilonField != nullptr) {
        object[family.normEpsilonField] = config.normEpsilon;
    }
    writeRope(config, object);
    object["attention_dropout"] = config.attentionDropout;
    if (family.attentionBiasField) {
        object["attention_bias"] = config.attentionBias;
    }
    if (family.mlpBiasField) {
        object["mlp_bias"] = config.mlpBias;
    }
    if (family.queryScalar) {
        object[kQueryScalar] = config.queryScalar > 0 ? config.queryScalar : config.headWidth;
    }
    if (family.attentionSoftcap) {
        object[kAttentionSoftcap] = limitJson(config.attentionSoftcap);
    }
    if (family.headSoftcap) {
        object[kHeadSoftcap] = limitJson(config.headSoftcap);
    }
    if (family.writesPadId) {
        object["pad_token_id"] = nullptr;
    }
    if (family.writeMore != nullptr) {
        family.writeMore(config, object);
    }
}

void addLlamaLikeTensors(const ModelConfig& config, TensorList& tensors)
{
    const Family& family = *config.family;
    const std::int64_t width = config.width;
    const std::int64_t queryWidth = config.heads * config.headWidth;
    const std::int64_t keyWidth = config.keyValueHeads * config.headWidth;
    const bool bias = family.queryKeyValueBias || config.attentionBias;
    const bool before = family.normPlace != NormPlace::After;
    const bool after = family.normPlace != NormPlace::Before;
    const Init one = family.normWeight == NormWeight::OnePlus ? Init::Zeros : Init::Ones;
    const auto addNorm = [&](const std::string& name, std::int64_t normWidth) {
        if (family.normWeight != NormWeight::None) {
            tensors.addNorm(name, normWidth, false, one);
        }
    };
    tensors.add(std::string(family.prefix) + "embed_tokens.weight", {config.vocabularyRows, width});
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::string block = std::string(family.prefix) + family.blocks + std::to_string(layer) + ".";
        if (before) {
            addNorm(block + "input_layernorm", width);
        }
        if (family.fusedProjections) {
            tensors.addLinear(block + "self_attn.qkv_proj", queryWidth + 2 * keyWidth, width, bias);
        } else {
            tensors.addLinear(block + "self_attn.q_proj", queryWidth, width, bias);
            tensors.addLinear(block + "self_attn.k_proj", keyWidth, width, bias);
            tensors.addLinear(block + "self_attn.v_proj", keyWidth, width, bias);
        }
        tensors.addLinear(block + "self_attn.o_proj", width, queryWidth, config.attentionBias);
        if (family.queryKeyNorm != QueryKeyNorm::None) {
            const bool together = family.queryKeyNorm == QueryKeyNorm::AllHeads;
            addNorm(block + "self_attn.q_norm", together ? queryWidth : config.headWidth);
            addNorm(block + "self_attn.k_norm", together ? keyWidth : config.headWidth);
        }
        addNorm(block + "post_attention_layernorm", width); // before the second sub-layer or after the first
        if (before && after) {
            addNorm(block + "pre_feedforward_layernorm", width);
        }
        if (family.fusedProjections) {
            tensors.addLinear(block + "mlp.gate_up_proj", 2 * config.innerWidth, width, config.mlpBias);
        } else {
            tensors.addLinear(block + "mlp.gate_proj", config.innerWidth, width, config.mlpBias);
            tensors.addLinear(block + "mlp.up_proj", config.innerWidth, width, config.mlpBias);
        }
        tensors.addLinear(block + "mlp.down_proj", width, config.innerWidth, config.mlpBias);
        if (after) {
            addNorm(block + "post_feedforward_layernorm", width);
        }
    }
    addNorm(std::string(family.prefix) + "norm", width);
}

} // namespace dskd::model
