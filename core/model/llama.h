#pragma once

#include "core/model/activation.h"
#include "core/model/decoder.h"
#include "core/model/rms_norm.h"

#include <vector>

namespace dskd::model
{

// Llama (Touvron et al., 2023) and its relatives: rotary positions, RMSNorm, gated feed-forward, grouped key-value
// heads. What a family does otherwise comes from its row (folder/families), the configuration and from which weights
// there are.
class Llama final : public Decoder
{
public:
    Llama(const ModelConfig& config, std::vector<NamedTensor> parameters);

private:
    struct Layer {
        at::Tensor attentionNorm; // norms that a family does not have are undefined
        Linear query, key, value, attentionOutput;
        Linear fusedQueryKeyValue;     // in place of the three
        at::Tensor queryNorm, keyNorm; // (D), or of all heads together (H * D) and (K * D)
        at::Tensor attentionOutputNorm;
        at::Tensor mlpNorm;
        Linear gate, up, down;
        Linear fusedGateUp; // in place of gate and up
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
    at::Tensor m_embeddingScale;    // () sqrt(E) in the weights' precision; undefined: 1
    std::vector<Layer> m_layers;
    at::Tensor m_finalNorm;
    NormWeight m_normWeight;
    Activation m_activation;
};

} // namespace dskd::model
