#include "core/model/gpt_neox.h"

#include <ATen/ATen.h>
#include <string>
#include <utility>

namespace dskd::model
{

GptNeoX::GptNeoX(const ModelConfig& config, std::vector<NamedTensor> parameters)
    : Decoder(config, std::move(parameters)), m_frequencies(rotaryFrequencies(config).to(inputEmbedding().device())),
      m_finalNorm(norm("gpt_neox.final_layer_norm")), m_activation(activationNamed(config.activation))
{
    for (std::int64_t i = 0; i < config.layers; ++i) {
        const std::string name = "gpt_neox.layers." + std::to_string(i) + ".";
        m_layers.push_back({norm(name + "input_layernorm"), norm(name + "post_attention_layernorm"),
                            linear(name + "attention.query_key_value"), linear(name + "attention.dense"),
                            linear(name + "mlp.dense_h_to_4h"), linear(name + "mlp.dense_4h_to_h")});
    }
}

GptNeoX::Norm GptNeoX::norm(const std::string& name) const
{
    return {parameter(name + ".weight"), parameter(name + ".bias")};
}

at::Tensor GptNeoX::apply(const Norm& norm, const at::Tensor& hidden) const
{
    return at::layer_norm(hidden, {config().width}, norm.weight, norm.bias, config().normEpsilon);
}

RotaryAngles GptNeoX::angles(const at::Tensor& positions) const
{
    return rotaryAngles(positions, m_frequencies);
}

at::Tensor GptNeoX::embed(const at::Tensor& ids, const Pass& /*pass*/) const
{
    return at::embedding(inputEmbedding(), ids);
}

at::Tensor GptNeoX::block(std::int64_t layer, const at::Tensor& hidden, const Pass& pass) const
{
    const Layer& weights = m_layers[static_cast<std::size_t>(layer)];
    const std::vector<at::Tensor> parts =
        weights.queryKeyValue.apply(apply(weights.attentionNorm, hidden), pass.training)
            .view({hidden.size(0), config().heads, 3, config().headWidth})
            .unbind(2);
    const at::Tensor attended =
        attend(pass, layer, rotate(parts[0], pass.angles), rotate(parts[1], pass.angles), parts[2]);
    const at::Tensor middle = addResidual(pass, hidden, weights.attentionOutput.apply(attended, pass.training));
    const at::Tensor inner = activate(
        m_activation,
        weights.mlpInner.apply(apply(weights.mlpNorm, config().parallelResidual ? hidden : middle), pass.training));
    return addResidual(pass, middle, weights.mlpOutput.apply(inner, pass.training));
}

at::Tensor GptNeoX::finalNorm(const at::Tensor& hidden) const
{
    return apply(m_finalNorm, hidden);
}

} // namespace dskd::model
