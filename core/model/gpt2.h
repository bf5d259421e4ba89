#pragma once

#include "core/model/activation.h"
#include "core/model/decoder.h"

#include <vector>

namespace dskd::model
{

// GPT-2 (Radford et al., 2019): learned positions, LayerNorm before each sub-layer, projections stored as (in, out).
class Gpt2 final : public Decoder
{
public:
    Gpt2(const ModelConfig& config, std::vector<NamedTensor> parameters);

private:
    struct Affine {
        at::Tensor weight;
        at::Tensor bias;
    };
    struct Layer {
        Affine attentionNorm;
        Linear queryKeyValue, attentionOutput;
        Affine mlpNorm;
        Linear mlpInner, mlpOutput;
    };

    [[nodiscard]] RotaryAngles angles(const at::Tensor& positions) const override;
    [[nodiscard]] at::Tensor embed(const at::Tensor& ids, const Pass& pass) const override;
    [[nodiscard]] at::Tensor block(std::int64_t layer, const at::Tensor& hidden, const Pass& pass) const override;
    [[nodiscard]] at::Tensor finalNorm(const at::Tensor& hidden) const override;

    [[nodiscard]] Affine affine(const std::string& name) const;
    [[nodiscard]] at::Tensor norm(const at::Tensor& hidden, const Affine& affine) const;

    at::Tensor m_positionEmbedding; // (P, E)
    std::vector<Layer> m_layers;
    Affine m_finalNorm;
    Activation m_activation;
};

} // namespace dskd::model
