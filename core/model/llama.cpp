#include "core/model/llama.h"

#include "core/model/rms_norm.h"

#include <ATen/ATen.h>
#include <string>
#include <utility>

namespace dskd::model
{

Llama::Llama(const ModelConfig& config, std::vector<NamedTensor> parameters)
    : Decoder(config, std::move(parameters)), m_frequencies(rotaryFrequencies(config).to(inputEmbedding().device())),
      m_finalNorm(parameter("model.norm.weight")), m_activation(activationNamed(config.activation))
{
    for (std::int64_t i = 0; i < config.layers; ++i) {
        const std::string name = "model.layers." + std::to_string(i) + ".";
        m_layers.push_back({parameter(name + "input_layernorm.weight"), linear(name + "self_attn.q_proj"),
                            linear(name + "self_attn.k_proj"), linear(name + "self_attn.v_proj"),
                            linear(name + "self_attn.o_proj"), parameter(name + "post_attention_layernorm.weight"),
                            linear(name + "mlp.gate_proj"), linear(name + "mlp.up_proj"),
                            linear(name + "mlp.down_proj")});
    }
}

Llama::Linear Llama::linear(const std::string& name) const
{
    return {parameter(name + ".weight"), parameter(name + ".bias")};
}

at::Tensor Llama::heads(const at::Tensor& hidden, const Linear& weights) const
{
    const std::int64_t headWidth = config().headWidth;
    return at::linear(hidden, weights.weight, weights.bias)
        .view({hidden.size(0), weights.weight.size(0) / headWidth, headWidth});
}

RotaryAngles Llama::angles(const at::Tensor& positions) const
{
    return rotaryAngles(positions, m_frequencies);
}

at::Tensor Llama::embed(const at::Tensor& ids, const Pass& /*pass*/) const
{
    return at::embedding(inputEmbedding(), ids);
}

at::Tensor Llama::block(std::int64_t layer, const at::Tensor& hidden, const Pass& pass) const
{
    const Layer& weights = m_layers[static_cast<std::size_t>(layer)];
    const at::Tensor normed = rmsNorm(hidden, weights.attentionNorm, config().normEpsilon);
    const at::Tensor attended = attend(pass, layer, rotate(heads(normed, weights.query), pass.angles),
                                       rotate(heads(normed, weights.key), pass.angles), heads(normed, weights.value));
    const at::Tensor middle =
        addResidual(pass, hidden, at::linear(attended, weights.attentionOutput.weight, weights.attentionOutput.bias));
    const at::Tensor normedMiddle = rmsNorm(middle, weights.mlpNorm, config().normEpsilon);
    const at::Tensor gate = activate(m_activation, at::linear(normedMiddle, weights.gate.weight, weights.gate.bias));
    const at::Tensor up = at::linear(normedMiddle, weights.up.weight, weights.up.bias);
    return addResidual(pass, middle, at::linear(gate * up, weights.down.weight, weights.down.bias));
}

at::Tensor Llama::finalNorm(const at::Tensor& hidden) const
{
    return rmsNorm(hidden, m_finalNorm, config().normEpsilon);
}

} // namespace dskd::model
