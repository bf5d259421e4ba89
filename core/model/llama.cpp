#include "core/model/llama.h"

#include <ATen/ATen.h>
#include <cmath>
#include <string>
#include <utility>

namespace dskd::model
{

Llama::Llama(const ModelConfig& config, std::vector<NamedTensor> parameters)
    : Decoder(config, std::move(parameters)), m_frequencies(rotaryFrequencies(config).to(inputEmbedding().device())),
      m_finalNorm(parameter("model.norm.weight")), m_normWeight(config.family->normWeight),
      m_activation(activationNamed(config.activation))
{
    if (config.windowRopeTheta) {
        m_windowFrequencies = rotaryFrequencies(config, true).to(inputEmbedding().device());
    }
    if (config.family->scalesEmbedding) {
        m_embeddingScale = at::scalar_tensor(std::sqrt(static_cast<double>(config.width)), at::kFloat)
                               .to(inputEmbedding().scalar_type());
    }
    const bool normsAfter = config.family->normPlace != NormPlace::Before;
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
        const at::Tensor second = parameter(name + "post_attention_layernorm.weight");
        layer.attentionOutputNorm = normsAfter ? second : at::Tensor();
        layer.mlpNorm = normsAfter ? parameter(name + "pre_feedforward_layernorm.weight") : second;
        layer.mlpOutputNorm = parameter(name + "post_feedforward_layernorm.weight");
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
    const bool normsTogether = config().family->queryKeyNorm == QueryKeyNorm::AllHeads;
    const auto apply = [&](const Linear& layer, const at::Tensor& weight) {
        at::Tensor rows = layer.apply(hidden, pass.training);
        if (config().queryKeyValueClip > 0.0) {
            rows = rows.clamp(-config().queryKeyValueClip, config().queryKeyValueClip);
        }
        return normsTogether ? heads(norm(rows, weight)) : norm(heads(rows), weight);
    };
    return {apply(weights.query, weights.queryNorm), apply(weights.key, weights.keyNorm), apply(weights.value, {})};
}

at::Tensor Llama::norm(const at::Tensor& rows, const at::Tensor& weight) const
{
    return weight.defined() ? rmsNorm(rows, weight, config().normEpsilon, m_normWeight) : rows;
}

at::Tensor Llama::normBefore(const at::Tensor& hidden, const at::Tensor& weight) const
{
    if (m_normWeight == NormWeight::None) {
        return at::layer_norm(hidden, {config().width}, {}, {}, config().normEpsilon);
    }
    return norm(hidden, weight);
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

RotaryAngles Llama::windowAngles(const at::Tensor& positions) const
{
    return m_windowFrequencies.defined() ? rotaryAngles(positions, m_windowFrequencies) : RotaryAngles();
}

at::Tensor Llama::embed(const at::Tensor& ids, const Pass& /*pass*/) const
{
    const at::Tensor embedded = at::embedding(inputEmbedding(), ids);
    return m_embeddingScale.defined() ? embedded * m_embeddingScale : embedded;
}

at::Tensor Llama::block(std::int64_t layer, const at::Tensor& hidden, const Pass& pass) const
{
    const Layer& weights = m_layers[static_cast<std::size_t>(layer)];
    QueryKeyValue heads = queryKeyValue(weights, normBefore(hidden, weights.attentionNorm), pass);
    if (config().unrotatedLayers.empty() || !config().unrotatedLayers[static_cast<std::size_t>(layer)]) {
        const bool ownAngles = m_windowFrequencies.defined() && windowOf(config(), layer);
        const RotaryAngles& angles = ownAngles ? pass.windowAngles : pass.angles;
        heads.query = rotate(heads.query, angles);
        heads.key = rotate(heads.key, angles);
    }
    const at::Tensor attended = attend(pass, layer, heads.query, heads.key, heads.value);
    const at::Tensor middle = addResidual(
        pass, hidden, norm(weights.attentionOutput.apply(attended, pass.training), weights.attentionOutputNorm));
    return addResidual(pass, middle,
                       norm(feedForward(weights, normBefore(middle, weights.mlpNorm), pass), weights.mlpOutputNorm));
}

at::Tensor Llama::finalNorm(const at::Tensor& hidden) const
{
    return normBefore(hidden, m_finalNorm);
}

} // namespace dskd::model
