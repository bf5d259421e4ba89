// GPT-NeoX and Pythia.

#include "core/model/folder/families/family.h"
#include "core/model/folder/families/field_checks.h"
#include "core/model/folder/families/rope_fields.h"
#include "core/model/folder/families/tensor_list.h"

#include <algorithm>

namespace dskd::model
{
namespace
{
constexpr RopeFields kRope{"rotary_emb_base", "rotary_pct", 0.25};

void read(ConfigReader& reader, ModelConfig& config)
{
    config.width = reader.count("hidden_size", kMaxWidth);
    config.layers = reader.count("num_hidden_layers", kMaxLayers);
    config.heads = reader.count("num_attention_heads", kMaxHeads);
    config.innerWidth = reader.count("intermediate_size", kMaxInnerWidth);
    config.keyValueHeads = config.heads;
    divideWidth(reader, config);
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
        refuseActivation(reader, config, config.activation, "is gelu, gelu_new, gelu_fast, gelu_pytorch_tanh or relu");
    }
    const double part = readRope(reader, config, kRope);
    config.rotaryWidth = static_cast<std::int64_t>(static_cast<double>(config.headWidth) * part); // as transformers
    if (config.rotaryWidth < 2 || config.rotaryWidth % 2 != 0) {
        reader.refuse("positions rotate " + std::to_string(config.rotaryWidth) + " numbers of each head of " +
                      std::to_string(config.headWidth) + " (rotary_pct), but that must be an even number from 2 on");
    }
}

void write(const ModelConfig& config, nlohmann::ordered_json& object)
{
    object["hidden_size"] = config.width;
    object["num_hidden_layers"] = config.layers;
    object["num_attention_heads"] = config.heads;
    object["intermediate_size"] = config.innerWidth;
    object["max_position_embeddings"] = config.maxPositions;
    object["hidden_act"] = config.activation;
    object["layer_norm_eps"] = config.normEpsilon;
    object["attention_bias"] = config.attentionBias;
    object["use_parallel_residual"] = config.parallelResidual;
    object[kRope.part] = static_cast<double>(config.rotaryWidth == 0 ? config.headWidth : config.rotaryWidth) /
                         static_cast<double>(config.headWidth);
    object["attention_dropout"] = config.attentionDropout;
    object["hidden_dropout"] = config.residualDropout;
    writeRope(config, object, kRope);
}

void addTensors(const ModelConfig& config, TensorList& tensors)
{
    const std::int64_t width = config.width;
    tensors.add("gpt_neox.embed_in.weight", {config.vocabularyRows, width});
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::string block = "gpt_neox.layers." + std::to_string(layer) + ".";
        tensors.addNorm(block + "input_layernorm", width, true);
        tensors.addNorm(block + "post_attention_layernorm", width, true);
        tensors.addLinear(block + "attention.query_key_value", 3 * width, width, config.attentionBias);
        tensors.addLinear(block + "attention.dense", width, width, config.attentionBias);
        tensors.addLinear(block + "mlp.dense_h_to_4h", config.innerWidth, width, true);
        tensors.addLinear(block + "mlp.dense_4h_to_h", width, config.innerWidth, true);
    }
    tensors.addNorm("gpt_neox.final_layer_norm", width, true);
}
} // namespace

extern const Family kGptNeoX{
    .modelType = "gpt_neox",
    .architectures = "GPTNeoXForCausalLM",
    .architecture = Architecture::GptNeoX,
    .read = read,
    .write = write,
    .addTensors = addTensors,
    .prefix = "gpt_neox.",
    .head = "embed_out.weight",
    .constants = {".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq"},
    .loraTargets = "query_key_value",
};

} // namespace dskd::model
