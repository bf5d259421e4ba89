#include "core/model/folder/families/family.h"
#include "core/model/folder/families/field_checks.h"
#include "core/model/folder/families/tensor_list.h"

namespace dskd::model
{
namespace
{
void read(ConfigReader& reader, ModelConfig& config)
{
    config.width = reader.count("n_embd", kMaxWidth, "hidden_size");
    config.layers = reader.count("n_layer", kMaxLayers, "num_hidden_layers");
    config.heads = reader.count("n_head", kMaxHeads, "num_attention_heads");
    config.maxPositions = reader.count("n_positions", kMaxPositions, "max_position_embeddings");
    config.innerWidth = reader.countOr("n_inner", kMaxInnerWidth, 4 * config.width);
    config.keyValueHeads = config.heads;
    divideWidth(reader, config, "n_embd", "n_head");
    config.normEpsilon = reader.numberOr("layer_norm_epsilon", 0.0, 1.0, 1e-5);
    config.embeddingDropout = reader.numberOr("embd_pdrop", 0.0, 1.0, 0.1);
    config.attentionDropout = reader.numberOr("attn_pdrop", 0.0, 1.0, 0.1);
    config.residualDropout = reader.numberOr("resid_pdrop", 0.0, 1.0, 0.1);
    const std::string activation = reader.textOr("activation_function", "gelu_new");
    if (activation != "gelu_new" && activation != "gelu_pytorch_tanh") {
        refuseActivation(reader, config, activation, "are gelu_new, gelu_pytorch_tanh");
    }
    config.activation = "gelu_new"; // both names stand for the same formula
    refuseFlags(reader, {"scale_attn_by_inverse_layer_idx", "add_cross_attention"});
    if (!reader.flagOr("scale_attn_weights", true)) {
        reader.refuse("\"scale_attn_weights\" is false, which is not supported");
    }
}

void write(const ModelConfig& config, nlohmann::ordered_json& object)
{
    object["n_embd"] = config.width;
    object["n_layer"] = config.layers;
    object["n_head"] = config.heads;
    object["n_inner"] = config.innerWidth;
    object["n_positions"] = config.maxPositions;
    object["activation_function"] = config.activation;
    object["layer_norm_epsilon"] = config.normEpsilon;
    object["embd_pdrop"] = config.embeddingDropout;
    object["attn_pdrop"] = config.attentionDropout;
    object["resid_pdrop"] = config.residualDropout;
}

// Projections are stored as (inputs, outputs).
void addTensors(const ModelConfig& config, TensorList& tensors)
{
    const std::int64_t width = config.width;
    tensors.add("transformer.wte.weight", {config.vocabularyRows, width});
    tensors.add("transformer.wpe.weight", {config.maxPositions, width});
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::string block = "transformer.h." + std::to_string(layer) + ".";
        tensors.addNorm(block + "ln_1", width, true);
        tensors.addConv1d(block + "attn.c_attn", width, 3 * width, Init::Normal);
        tensors.addConv1d(block + "attn.c_proj", width, width, Init::ScaledResidual);
        tensors.addNorm(block + "ln_2", width, true);
        tensors.addConv1d(block + "mlp.c_fc", width, config.innerWidth, Init::Normal);
        tensors.addConv1d(block + "mlp.c_proj", config.innerWidth, width, Init::ScaledResidual);
    }
    tensors.addNorm("transformer.ln_f", width, true);
}
} // namespace

extern const Family kGpt2{
    .modelType = "gpt2",
    .architectures = "GPT2LMHeadModel",
    .architecture = Architecture::Gpt2,
    .read = read,
    .write = write,
    .tiesHead = true,
    .addTensors = addTensors,
    .prefix = "transformer.",
    .blocks = "h.",
    .layout = WeightLayout::InOut,
    .learnedPositions = true,
    .constants = {".attn.bias", ".attn.masked_bias"},
    .loraTargets = "c_attn",
};

} // namespace dskd::model
