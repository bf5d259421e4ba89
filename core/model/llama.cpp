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
        Layer layer;
        layer.attentionNorm = parameter(name + "input_layernorm.weight");
        layer.query = linear(name + "self_attn.q_proj");
        layer.key = linear(name + "self_attn.k_proj");
        layer.value = linear(name + "self_attn.v_proj");
        layer.fusedQueryKeyValue = linear(name + "self_attn.qkv_proj");
        layer.queryNorm = parameter(name + "self_attn.q_norm.weight");
        layer.keyNorm = parameter(name + "self_attn.k_norm.weight");
        layer.attentionOutput = linear(name + "self_attn.o_proj");
        layer.mlpNorm = parameter(name + "post_attention_layernorm.weight");
        layer.gate = linear(name + "mlp.gate_proj");
        layer.up = linear(name + "mlp.up_proj");
        layer.fusedGateUp = linear(name + "mlp.gate_up_proj");
        layer.down = linear(name + "mlp.down_proj");
        m_layers.push_back(std::move(layer));
    }
}

Llama::QueryKeyValue Llama::queryKeyValue(const Layer& weights, const at::Tensor& hidden, const Pass& pass) const
{
    const std::int64_t width = config().headWidth;
    const auto heads = [&](const at::Tensor& rows) { return rows.view({rows.size(0), rows.size(1) / width, width}); };
    if (weights.fusedQueryKeyValue.present()) {
        const at::Tensor all = weights.fusedQueryKeyValue.apply(hidden, pass.training);
        const at::Tensor byHead = heads(all);
        const std::int64_t keys = config().keyValueHeads;
        return {byHead.narrow(1, 0, config().heads), byHead.narrow(1, config().heads, keys),
                byHead.narrow(1, config().heads + keys, keys)};
    }
    const auto apply = [&](const Linear& layer) { return heads(layer.apply(hidden, pass.training)); };
    QueryKeyValue result{apply(weights.query), apply(weights.key), apply(weights.value)};
    if (weights.queryNorm.defined()) {
        result.query = rmsNorm(result.query, weights.queryNorm, config().normEpsilon);
        result.key = rmsNorm(result.key, weights.keyNorm, config().normEpsilon);
    }
    return result;
}

at::Tensor Llama::feedForward(const Layer& weights, const at::Tensor& hidden, const Pass& pass) const
{
    at::Tensor gate;
    at::Tensor up;
    if (weights.fusedGateUp.present()) {
        const at::Tensor both = weights.fusedGateUp.apply(hidden, pass.training);
        gate = both.narrow(1, 0, config().innerWidth);
        up = both.narrow(1, config().innerWidth, config().innerWidth);
    } else {
        gate = weights.gate.apply(hidden, pass.training);
        up = weights.up.apply(hidden, pass.training);
    }
    return weights.down.apply(activate(m_activation, gate) * up, pass.training);
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
    const QueryKeyValue heads = queryKeyValue(weights, normed, pass);
    const at::Tensor attended =
        attend(pass, layer, rotate(heads.query, pass.angles), rotate(heads.key, pass.angles), heads.value);
    const at::Tensor middle = addResidual(pass, hidden, weights.attentionOutput.apply(attended, pass.training));
    return addResidual(pass, middle,
                       feedForward(weights, rmsNorm(middle, weights.mlpNorm, config().normEpsilon), pass));
}

at::Tensor Llama::finalNorm(const at::Tensor& hidden) const
{
    return rmsNorm(hidden, m_finalNorm, config().normEpsilon);
}

} // namespace dskd::model
