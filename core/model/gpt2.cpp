#include "core/model/gpt2.h"

#include <ATen/ATen.h>
#include <string>
#include <utility>

namespace dskd::model
{
Gpt2::Gpt2(const ModelConfig& config, std::vector<NamedTensor> parameters)
    : Decoder(config, std::move(parameters)), m_positionEmbedding(parameter("transformer.wpe.weight")),
      m_finalNorm(affine("transformer.ln_f")), m_activation(activationNamed(config.activation))
{
    for (std::int64_t i = 0; i < config.layers; ++i) {
        const std::string name = "transformer.h." + std::to_string(i) + ".";
        m_layers.push_back({affine(name + "ln_1"), linear(name + "attn.c_attn"), linear(name + "attn.c_proj"),
                            affine(name + "ln_2"), linear(name + "mlp.c_fc"), linear(name + "mlp.c_proj")});
    }
}

Gpt2::Affine Gpt2::affine(const std::string& name) const
{
    return {parameter(name + ".weight"), parameter(name + ".bias")};
}

at::Tensor Gpt2::norm(const at::Tensor& hidden, const Affine& affine) const
{
    return at::layer_norm(hidden, {config().width}, affine.weight, affine.bias, config().normEpsilon);
}

RotaryAngles Gpt2::angles(const at::Tensor& /*positions*/) const
{
    return {};
}

at::Tensor Gpt2::embed(const at::Tensor& ids, const Pass& pass) const
{
    return at::embedding(inputEmbedding(), ids) + at::embedding(m_positionEmbedding, pass.positions);
}

at::Tensor Gpt2::block(std::int64_t layer, const at::Tensor& hidden, const Pass& pass) const
{
    const Layer& weights = m_layers[static_cast<std::size_t>(layer)];
    const at::Tensor queryKeyValue = weights.queryKeyValue.apply(norm(hidden, weights.attentionNorm), pass.training)
                                         .view({hidden.size(0), 3, config().heads, config().headWidth});
    const std::vector<at::Tensor> parts = queryKeyValue.unbind(1);
    const at::Tensor attended = attend(pass, layer, parts[0], parts[1], parts[2]);
    const at::Tensor middle = addResidual(pass, hidden, weights.attentionOutput.apply(attended, pass.training));
    const at::Tensor inner =
        activate(m_activation, weights.mlpInner.apply(norm(middle, weights.mlpNorm), pass.training));
    return addResidual(pass, middle, weights.mlpOutput.apply(inner, pass.training));
}

at::Tensor Gpt2::finalNorm(const at::Tensor& hidden) const
{
    return norm(hidden, m_finalNorm);
}

} // namespace dskd::model
