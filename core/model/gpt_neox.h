#pragma once

#include "core/model/activation.h"
#include "core/model/decoder.h"

#include <vector>

namespace dskd::model
{

// GPT-NeoX (Black et al., 2022) and Pythia (Biderman et al., 2023): LayerNorm, biases everywhere, positions that rotate
// the first part of every head, and attention and feed-forward block side by side. Query, key and value of a head lie
// together in one matrix, head after head.
class GptNeoX final : public Decoder
{
public:
    GptNeoX(const ModelConfig& config, std::vector<NamedTensor> parameters);

private:
    struct Norm {
        at::Tensor weight;
        at::Tensor bias;
    };
    struct Layer {
        Norm attentionNorm, mlpNorm;
        Linear queryKeyValue, attentionOutput;
        Linear mlpInner, mlpOutput;
    };

    [[nodiscard]] RotaryAngles angles(const at::Tensor& positions) const override;
    [[nodiscard]] at::Tensor embed(const at::Tensor& ids, const Pass& pass) const override;
    [[nodiscard]] at::Tensor block(std::int64_t layer, const at::Tensor& hidden, const Pass& pass) const override;
    [[nodiscard]] at::Tensor finalNorm(const at::Tensor& hidden) const override;

    [[nodiscard]] Norm norm(const std::string& name) const;
    [[nodiscard]] at::Tensor apply(const Norm& norm, const at::Tensor& hidden) const;

    at::Tensor m_frequencies; // (R/2)
    std::vector<Layer> m_layers;
    Norm m_finalNorm;
    Activation m_activation;
};

} // namespace dskd::model
