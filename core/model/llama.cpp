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

Llama::Linear Llama::linear(const std::string& name) const
{
    return {parameter(name + ".weight"), parameter(name + ".bias")};
}

Llama::QueryKeyValue Llama::queryKeyValue(const Layer& weights, const at::Tensor& hidden) const
{
    const std::int64_t width = config().headWidth;
    const auto heads = [&](const at::Tensor& rows) { return rows.view({rows.size(0), rows.size(1) / width, width}); };
    if (weights.fusedQueryKeyValue.weight.defined()) {
        const at::Tensor all = at::linear(hidden, weights.fusedQueryKeyValue.weight);
        const at::Tensor byHead = heads(all);
        const std::int64_t keys = config().keyValueHeads;
        return {byHead.narrow(1, 0, config().heads), byHead.narrow(1, config().heads, keys),
                byHead.narrow(1, config().heads + keys, keys)};
    }
    const auto apply = [&](const Linear& layer) { return heads(at::linear(hidden, layer.weight, layer.bias)); };
    QueryKeyValue result{apply(weights.query), apply(weights.key), apply(weights.value)};
    if (weights.queryNorm.defined()) {
        result.query = rmsNorm(result.query, weights.queryNorm, config().normEpsilon);
        result.key = rmsNorm(result.key, weights.keyNorm, config().normEpsilon);
    }
    return result;
}

at::Tensor Llama::feedForward(const Layer& weights, const at::Tensor& hidden) const
{
    at::Tensor gate;
    at::Tensor up;
    if (weights.fusedGateUp.weight.defined()) {
        const at::Tensor both = at::linear(hidden, weights.fusedGateUp.weight);
        gate = both.narrow(1, 0, config().innerWidth);
        up = both.narrow(1, config().innerWidth, config().innerWidth);
    } else {
        gate = at::linear(hidden, weights.gate.weight, weights.gate.bias);
        up = at::linear(hidden, weights.up.weight, weights.up.bias);
    }
    return at::linear(activate(m_activation, gate) * up, weights.down.weight, weights.down.bias);
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
    const QueryKeyValue heads = queryKeyValue(weights, normed);
    const at::Tensor attended =
        attend(pass, layer, rotate(heads.query, pass.angles), rotate(heads.key, pass.angles), heads.value);
    const at::Tensor middle =
        addResidual(pass, hidden, at::linear(attended, weights.attentionOutput.weight, weights.attentionOutput.bias));
    return addResidual(pass, middle, feedForward(weights, rmsNorm(middle, weights.mlpNorm, config().normEpsilon)));
}

at::Tensor Llama::finalNorm(const at::Tensor& hidden) const
{
    return rmsNorm(hidden, m_finalNorm, config().normEpsilon);
}

} // namespace dskd::model
