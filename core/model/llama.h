#pragma once

#include "core/model/activation.h"
#include "core/model/decoder.h"

#include <vector>

namespace dskd::model
{

// Llama (Touvron et al., 2023) and its relatives: rotary positions, RMSNorm, gated feed-forward, grouped key-value
// heads. Mistral differs by its sliding window, Qwen2 by biases in query, key and value, Qwen3 by norms of queries and
// keys, Phi-3 by fused matrices; all come from the configuration and from which weights there are.
class Llama final : public Decoder
{
public:
    Llama(const ModelConfig& config, std::vector<NamedTensor> parameters);

private:
    struct Layer {
        at::Tensor attentionNorm;
        Linear query, key, value, attentionOutput;
        Linear fusedQueryKeyValue;     // Phi-3, in place of the three
        at::Tensor queryNorm, keyNorm; // Qwen3
        at::Tensor mlpNorm;
        Linear gate, up, down;
        Linear fusedGateUp; // Phi-3, in place of gate and up
    };

    [[nodiscard]] RotaryAngles angles(const at::Tensor& positions) const override;
    [[nodiscard]] at::Tensor embed(const at::Tensor& ids, const Pass& pass) const override;
    [[nodiscard]] at::Tensor block(std::int64_t layer, const at::Tensor& hidden, const Pass& pass) const override;
    [[nodiscard]] at::Tensor finalNorm(const at::Tensor& hidden) const override;

    struct QueryKeyValue {
        at::Tensor query, key, value; // (N, heads, D)
    };
    [[nodiscard]] QueryKeyValue queryKeyValue(const Layer& weights, const at::Tensor& hidden, const Pass& pass) const;
    [[nodiscard]] at::Tensor feedForward(const Layer& weights, const at::Tensor& hidden, const Pass& pass) const;

    at::Tensor m_frequencies; // (D/2)
    std::vector<Layer> m_layers;
    at::Tensor m_finalNorm;
    Activation m_activation;
};

} // namespace dskd::model
