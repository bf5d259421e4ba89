#include "core/model/folder/tensor_specs.h"

#include <algorithm>
#include <string_view>
#include <utility>

// Shapes: V vocabulary rows, P positions, E width, F inner width, Q = heads * head width, K = key-value heads * head
// width.

namespace dskd::model
{
namespace
{
class SpecList
{
public:
    void add(std::string name, std::vector<std::int64_t> shape, Init init = Init::Normal)
    {
        m_specs.push_back({std::move(name), std::move(shape), true, init});
    }
    void addNorm(const std::string& name, std::int64_t width, bool bias, Init init = Init::Ones)
    {
        m_specs.push_back({name + ".weight", {width}, false, init});
        if (bias) {
            addBias(name, width);
        }
    }
    void addBias(const std::string& name, std::int64_t width)
    {
        m_specs.push_back({name + ".bias", {width}, false, Init::Zeros});
    }
    void addLinear(const std::string& name, std::int64_t out, std::int64_t in, bool bias) // (out, in)
    {
        add(name + ".weight", {out, in});
        if (bias) {
            addBias(name, out);
        }
    }
    void addConv1d(const std::string& name, std::int64_t in, std::int64_t out, Init init) // (in, out)
    {
        add(name + ".weight", {in, out}, init);
        addBias(name, out);
    }
    [[nodiscard]] std::vector<TensorSpec> take() { return std::move(m_specs); }

private:
    std::vector<TensorSpec> m_specs;
};

void addGpt2(const ModelConfig& config, SpecList& specs)
{
    const std::int64_t width = config.width;
    specs.add("transformer.wte.weight", {config.vocabularyRows, width});
    specs.add("transformer.wpe.weight", {config.maxPositions, width});
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::string block = "transformer.h." + std::to_string(layer) + ".";
        specs.addNorm(block + "ln_1", width, true);
        specs.addConv1d(block + "attn.c_attn", width, 3 * width, Init::Normal);
        specs.addConv1d(block + "attn.c_proj", width, width, Init::ScaledResidual);
        specs.addNorm(block + "ln_2", width, true);
        specs.addConv1d(block + "mlp.c_fc", width, config.innerWidth, Init::Normal);
        specs.addConv1d(block + "mlp.c_proj", config.innerWidth, width, Init::ScaledResidual);
    }
    specs.addNorm("transformer.ln_f", width, true);
}

void addGptNeoX(const ModelConfig& config, SpecList& specs)
{
    const std::int64_t width = config.width;
    specs.add("gpt_neox.embed_in.weight", {config.vocabularyRows, width});
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::string block = "gpt_neox.layers." + std::to_string(layer) + ".";
        specs.addNorm(block + "input_layernorm", width, true);
        specs.addNorm(block + "post_attention_layernorm", width, true);
        specs.addLinear(block + "attention.query_key_value", 3 * width, width, config.attentionBias);
        specs.addLinear(block + "attention.dense", width, width, config.attentionBias);
        specs.addLinear(block + "mlp.dense_h_to_4h", config.innerWidth, width, true);
        specs.addLinear(block + "mlp.dense_4h_to_h", width, config.innerWidth, true);
    }
    specs.addNorm("gpt_neox.final_layer_norm", width, true);
}

void addLlama(const ModelConfig& config, SpecList& specs)
{
    const std::int64_t width = config.width;
    const std::int64_t queryWidth = config.heads * config.headWidth;
    const std::int64_t keyWidth = config.keyValueHeads * config.headWidth;
    const bool qkvBias = config.qkvBias || config.attentionBias;
    const bool fused = config.family == Family::Phi3; // one matrix for query, key and value, one for gate and up
    const bool gemma2 = config.family == Family::Gemma2 || config.family == Family::Gemma3;
    const bool olmo2 = config.family == Family::Olmo2;
    // Gemma's norms multiply by one plus their weight; OLMo's have none.
    const auto addNorm = [&](const std::string& name, std::int64_t normWidth) {
        if (config.family != Family::Olmo) {
            specs.addNorm(name, normWidth, false, gemma2 || config.family == Family::Gemma ? Init::Zeros : Init::Ones);
        }
    };
    specs.add("model.embed_tokens.weight", {config.vocabularyRows, width});
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::string block = "model.layers." + std::to_string(layer) + ".";
        if (!olmo2) {
            addNorm(block + "input_layernorm", width);
        }
        if (fused) {
            specs.addLinear(block + "self_attn.qkv_proj", queryWidth + 2 * keyWidth, width, false);
        } else {
            specs.addLinear(block + "self_attn.q_proj", queryWidth, width, qkvBias);
            specs.addLinear(block + "self_attn.k_proj", keyWidth, width, qkvBias);
            specs.addLinear(block + "self_attn.v_proj", keyWidth, width, qkvBias);
        }
        specs.addLinear(block + "self_attn.o_proj", width, queryWidth, config.attentionBias);
        if (config.qkNorm) {
            addNorm(block + "self_attn.q_norm", olmo2 ? queryWidth : config.headWidth);
            addNorm(block + "self_attn.k_norm", olmo2 ? keyWidth : config.headWidth);
        }
        addNorm(block + "post_attention_layernorm", width);
        if (gemma2) {
            addNorm(block + "pre_feedforward_layernorm", width);
        }
        if (fused) {
            specs.addLinear(block + "mlp.gate_up_proj", 2 * config.innerWidth, width, false);
        } else {
            specs.addLinear(block + "mlp.gate_proj", config.innerWidth, width, config.mlpBias);
            specs.addLinear(block + "mlp.up_proj", config.innerWidth, width, config.mlpBias);
        }
        specs.addLinear(block + "mlp.down_proj", width, config.innerWidth, config.mlpBias);
        if (gemma2 || olmo2) {
            addNorm(block + "post_feedforward_layernorm", width);
        }
    }
    addNorm("model.norm", width);
}
} // namespace

std::vector<TensorSpec> tensorSpecs(const ModelConfig& config)
{
    SpecList specs;
    if (config.family == Family::Gpt2) {
        addGpt2(config, specs);
    } else if (config.family == Family::GptNeoX) {
        addGptNeoX(config, specs);
    } else {
        addLlama(config, specs);
    }
    if (!config.tiedHead) {
        specs.add(headName(config.family), {config.vocabularyRows, config.width});
    }
    return specs.take();
}

WeightLayout weightLayout(Family family)
{
    return family == Family::Gpt2 ? WeightLayout::InOut : WeightLayout::OutIn;
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
    const bool outFirst = weightLayout(config.family) == WeightLayout::OutIn;
    std::vector<LinearLayer> layers;
    for (const TensorSpec& spec : tensorSpecs(config)) {
        if (spec.shape.size() == 2 && belongsToBlock(spec.name) && spec.name.ends_with(kWeight)) {
            layers.push_back({spec.name.substr(0, spec.name.size() - kWeight.size()), spec.shape[outFirst ? 1 : 0],
                              spec.shape[outFirst ? 0 : 1]});
        }
    }
    return layers;
}

std::string headName(Family family)
{
    return family == Family::GptNeoX ? "embed_out.weight" : "lm_head.weight";
}

std::string baseModelPrefix(Family family)
{
    switch (family) {
    case Family::Gpt2: return "transformer.";
    case Family::GptNeoX: return "gpt_neox.";
    default: return "model.";
    }
}

} // namespace dskd::model
