#pragma once

#include "core/model/activation.h"
#include "core/model/decoder.h"
#include "core/model/rms_norm.h"

#include <vector>

namespace dskd::model
{

// Llama (Touvron et al., 2023) and its relatives: rotary positions, RMSNorm, gated feed-forward, grouped key-value
// heads. Mistral differs by its sliding window, Qwen2 by biases in query, key and value, Qwen3 by norms of queries and
// keys, Phi-3 by fused matrices, SmolLM3 by layers that see no positions. OLMo has norms without weights and clips
// queries, keys and values; OLMo-2 norms what the sub-layers add, not what they read. Gemma scales its embeddings and
// multiplies by one plus a norm's weight; Gemma 2 and 3 norm around the sub-layers and cap scores and logits; in Gemma
// 3 layers with a window rotate by a base of their own. All come from the configuration and from which weights there
// are.
class Llama final : public Decoder
{
public:
    Llama(const ModelConfig& config, std::vector<NamedTensor> parameters);

private:
    struct Layer {
        at::Tensor attentionNorm; // norms that a family does not have are undefined
        Linear query, key, value, attentionOutput;
        Linear fusedQueryKeyValue;     // Phi-3, in place of the three
        at::Tensor queryNorm, keyNorm; // Qwen3, Gemma 3 (D); OLMo-2 (H * D) and (K * D)
        at::Tensor attentionOutputNorm;
        at::Tensor mlpNorm;
        Linear gate, up, down;
        Linear fusedGateUp; // Phi-3, in place of gate and up
        at::Tensor mlpOutputNorm;
    };

    [[nodiscard]] RotaryAngles angles(const at::Tensor& positions) const override;
    [[nodiscard]] RotaryAngles windowAngles(const at::Tensor& positions) const override;
    [[nodiscard]] at::Tensor embed(const at::Tensor& ids, const Pass& pass) const override;
    [[nodiscard]] at::Tensor block(std::int64_t layer, const at::Tensor& hidden, const Pass& pass) const override;
    [[nodiscard]] at::Tensor finalNorm(const at::Tensor& hidden) const override;

    // The rows as they are where the family has no norm in that place.
    [[nodiscard]] at::Tensor norm(const at::Tensor& rows, const at::Tensor& weight) const;
    // The same of what a sub-layer or the head reads.
    [[nodiscard]] at::Tensor normBefore(const at::Tensor& hidden, const at::Tensor& weight) const;
    struct QueryKeyValue {
        at::Tensor query, key, value; // (N, heads, D)
    };
    [[nodiscard]] QueryKeyValue queryKeyValue(const Layer& weights, const at::Tensor& hidden, const Pass& pass) const;
    [[nodiscard]] at::Tensor feedForward(const Layer& weights, const at::Tensor& hidden, const Pass& pass) const;

    at::Tensor m_frequencies;       // (D/2)
    at::Tensor m_windowFrequencies; // (D/2) of layers with a window; undefined: the same
    at::Tensor m_embeddingScale;    // () Gemma: sqrt(E) in the weights' precision; undefined: 1
    std::vector<Layer> m_layers;
    at::Tensor m_finalNorm;
    NormWeight m_normWeight;
    Activation m_activation;
};

} // namespace dskd::model
