#include "core/model/folder/family_fields.h"

#include <algorithm>
#include <initializer_list>

namespace dskd::model
{
namespace
{
// What transformers takes for fields that a configuration does not mention.
struct FamilyDefaults {
    std::int64_t keyValueHeads = 0;
    std::int64_t headWidth = 0; // 0: width / heads
    std::int64_t maxPositions = 0;
    double normEpsilon = 1e-6;
    double ropeTheta = 10000.0;
};

FamilyDefaults defaultsOf(const ModelConfig& config)
{
    switch (config.family) {
    case Family::Mistral: return {8, 0, 131072};
    case Family::Qwen2: return {config.heads, 0, 32768};
    case Family::Qwen3: return {32, 128, 32768};
    case Family::Phi3: return {config.heads, 0, 4096, 1e-5};
    case Family::Gemma: return {16, 256, 8192};
    case Family::Gemma2: return {4, 256, 8192};
    case Family::Gemma3: return {4, 256, 131072, 1e-6, 1e6};
    case Family::Olmo:
    case Family::Olmo2: return {config.heads, 0, 2048, 1e-5};
    case Family::SmolLm3: return {4, 0, 32768, 1e-6, 2e6};
    case Family::GptNeoX:
    case Family::Gpt2:
    case Family::Llama: break;
    }
    return {config.heads, 0, 2048};
}

bool isGemma(Family family)
{
    return family == Family::Gemma || family == Family::Gemma2 || family == Family::Gemma3;
}

void refuseActivation(ConfigReader& reader, const ModelConfig& config, const std::string& activation,
                      const std::string& known)
{
    reader.refuse("the activation \"" + activation + "\" is not known for " + familyName(config.family) +
                  "; known is " + known);
}

void refuseFlags(ConfigReader& reader, std::initializer_list<const char*> flags)
{
    for (const char* flag : flags) {
        if (reader.flagOr(flag, false)) {
            reader.refuse(std::string("\"") + flag + "\" is true, which is not supported");
        }
    }
}

// A cap or a clip: 0 where it is absent or null.
double readLimit(ConfigReader& reader, const std::string& field, double fallback)
{
    return reader.numberOr(field, 1e-6, 1e9, reader.mentions(field) ? 0.0 : fallback);
}

void readGemma(ConfigReader& reader, ModelConfig& config)
{
    // Both names stand for the approximation by tanh that the released models were trained with.
    const std::string field = config.family == Family::Gemma ? "hidden_act" : "hidden_activation";
    const std::string activation = reader.textOr(field, "gelu_pytorch_tanh");
    if (activation != "gelu_pytorch_tanh" && !(config.family == Family::Gemma && activation == "gelu")) {
        refuseActivation(reader, config, activation, "gelu_pytorch_tanh");
    }
    config.activation = "gelu_pytorch_tanh";
    refuseFlags(reader, {"use_bidirectional_attention"});
    config.attentionBias = reader.flagOr("attention_bias", false);
    config.qkNorm = config.family == Family::Gemma3;
    if (config.family != Family::Gemma) {
        const bool capped = config.family == Family::Gemma2;
        config.queryScalar = reader.countOr("query_pre_attn_scalar", kMaxWidth, 256);
        config.attentionSoftcap = readLimit(reader, "attn_logit_softcapping", capped ? 50.0 : 0.0);
        config.headSoftcap = readLimit(reader, "final_logit_softcapping", capped ? 30.0 : 0.0);
    }
}
} // namespace

void readGpt2(ConfigReader& reader, ModelConfig& config)
{
    config.width = reader.count("n_embd", kMaxWidth, "hidden_size");
    config.layers = reader.count("n_layer", kMaxLayers, "num_hidden_layers");
    config.heads = reader.count("n_head", kMaxHeads, "num_attention_heads");
    config.maxPositions = reader.count("n_positions", kMaxPositions, "max_position_embeddings");
    config.innerWidth = reader.countOr("n_inner", kMaxInnerWidth, 4 * config.width);
    config.keyValueHeads = config.heads;
    config.normEpsilon = reader.numberOr("layer_norm_epsilon", 0.0, 1.0, 1e-5);
    config.embeddingDropout = reader.numberOr("embd_pdrop", 0.0, 1.0, 0.1);
    config.attentionDropout = reader.numberOr("attn_pdrop", 0.0, 1.0, 0.1);
    config.residualDropout = reader.numberOr("resid_pdrop", 0.0, 1.0, 0.1);
    const std::string activation = reader.textOr("activation_function", "gelu_new");
    if (activation != "gelu_new" && activation != "gelu_pytorch_tanh") {
        reader.refuse("the activation \"" + activation +
                      "\" is not known for gpt2; known are gelu_new, gelu_pytorch_tanh");
    }
    config.activation = "gelu_new"; // both names stand for the same formula
    refuseFlags(reader, {"scale_attn_by_inverse_layer_idx", "add_cross_attention"});
    if (!reader.flagOr("scale_attn_weights", true)) {
        reader.refuse("\"scale_attn_weights\" is false, which is not supported");
    }
}

void readGptNeoX(ConfigReader& reader, ModelConfig& config)
{
    config.width = reader.count("hidden_size", kMaxWidth);
    config.layers = reader.count("num_hidden_layers", kMaxLayers);
    config.heads = reader.count("num_attention_heads", kMaxHeads);
    config.innerWidth = reader.count("intermediate_size", kMaxInnerWidth);
    config.keyValueHeads = config.heads;
    config.headWidth = std::max<std::int64_t>(config.width / config.heads, 1);
    if (config.width % config.heads != 0) {
        reader.refuse("the width " + std::to_string(config.width) + " (hidden_size) is not a multiple of the " +
                      std::to_string(config.heads) + " heads (num_attention_heads)");
    }
    config.maxPositions = reader.countOr("max_position_embeddings", kMaxPositions, 2048);
    config.normEpsilon = reader.numberOr("layer_norm_eps", 0.0, 1.0, 1e-5);
    config.attentionBias = reader.flagOr("attention_bias", true);
    config.mlpBias = true;
    config.parallelResidual = reader.flagOr("use_parallel_residual", true);
    config.attentionDropout = reader.numberOr("attention_dropout", 0.0, 1.0, 0.0);
    config.embeddingDropout = reader.numberOr("hidden_dropout", 0.0, 1.0, 0.0);
    config.residualDropout = config.embeddingDropout;
    config.activation = reader.textOr("hidden_act", "gelu");
    const std::initializer_list<const char*> known = {"gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "relu"};
    if (std::find(known.begin(), known.end(), config.activation) == known.end()) {
        refuseActivation(reader, config, config.activation, "gelu, gelu_new, gelu_fast, gelu_pytorch_tanh or relu");
    }
    readRope(reader, config);
}

void readLlamaLike(ConfigReader& reader, ModelConfig& config)
{
    config.width = reader.count("hidden_size", kMaxWidth);
    config.layers = reader.count("num_hidden_layers", kMaxLayers);
    config.heads = reader.count("num_attention_heads", kMaxHeads);
    config.innerWidth = reader.count("intermediate_size", kMaxInnerWidth);
    const FamilyDefaults defaults = defaultsOf(config);
    config.keyValueHeads =
        reader.countOr("num_key_value_heads", kMaxHeads,
                       reader.mentions("num_key_value_heads") ? config.heads : defaults.keyValueHeads);
    config.headWidth = reader.countOr("head_dim", kMaxHeadWidth, defaults.headWidth);
    config.maxPositions = reader.countOr("max_position_embeddings", kMaxPositions, defaults.maxPositions);
    config.normEpsilon = config.family == Family::Olmo
                             ? defaults.normEpsilon // nothing in its configuration says another
                             : reader.numberOr("rms_norm_eps", 0.0, 1.0, defaults.normEpsilon);
    config.attentionDropout = reader.numberOr("attention_dropout", 0.0, 1.0, 0.0);
    config.ropeTheta = defaults.ropeTheta;
    readRope(reader, config);
    readWindow(reader, config);
    if (isGemma(config.family)) {
        readGemma(reader, config);
        return;
    }
    config.activation = reader.textOr("hidden_act", "silu");
    if (config.activation == "swish") {
        config.activation = "silu";
    }
    if (config.activation != "silu") {
        refuseActivation(reader, config, config.activation, "silu");
    }
    switch (config.family) {
    case Family::Llama:
    case Family::SmolLm3:
        config.attentionBias = reader.flagOr("attention_bias", false);
        config.mlpBias = reader.flagOr("mlp_bias", false);
        break;
    case Family::Olmo:
        config.attentionBias = reader.flagOr("attention_bias", false);
        config.queryKeyValueClip = readLimit(reader, "clip_qkv", 0.0);
        break;
    case Family::Qwen3:
    case Family::Olmo2:
        config.attentionBias = reader.flagOr("attention_bias", false);
        config.qkNorm = true;
        break;
    case Family::Phi3:
        config.embeddingDropout = reader.numberOr("embd_pdrop", 0.0, 1.0, 0.0);
        config.residualDropout = reader.numberOr("resid_pdrop", 0.0, 1.0, 0.0);
        break;
    case Family::Qwen2: config.qkvBias = true; break;
    default: break; // Mistral: nothing more
    }
}

} // namespace dskd::model
