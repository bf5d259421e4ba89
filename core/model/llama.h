#pragma once

#include "core/model/activation.h"
#include "core/model/decoder.h"

#include <vector>

namespace dskd::model
{

// Llama (Touvron et al., 2023) and its relatives: rotary positions, RMSNorm, gated feed-forward, grouped key-value
// heads. Mistral differs by its sliding window, Qwen2 by biases in query, key and value; both come from the
// configuration and from which weights there are.
class Llama final : public Decoder
{
public:
    Llama(const ModelConfig& config, std::vector<NamedTensor> parameters);

private:
    struct Linear {
        at::Tensor weight; // (out, in)
        at::Tensor bias;   // undefined where the family has none
    };
    struct Layer {
        at::Tensor attentionNorm;
        Linear query, key, value, attentionOutput;
        at::Tensor mlpNorm;
        Linear gate, up, down;
    };

    [[nodiscard]] RotaryAngles angles(const at::Tensor& positions) const override;
    [[nodiscard]] at::Tensor embed(const at::Tensor& ids, const Pass& pass) const override;
    [[nodiscard]] at::Tensor block(std::int64_t layer, const at::Tensor& hidden, const Pass& pass) const override;
    [[nodiscard]] at::Tensor finalNorm(const at::Tensor& hidden) const override;

    [[nodiscard]] Linear linear(const std::string& name) const;
    // (N, E) -> (N, heads, D)
    [[nodiscard]] at::Tensor heads(const at::Tensor& hidden, const Linear& weights) const;

    at::Tensor m_frequencies; // (D/2)
    std::vector<Layer> m_layers;
    at::Tensor m_finalNorm;
    Activation m_activation;
};

} // namespace dskd::model
