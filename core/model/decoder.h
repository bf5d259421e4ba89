#pragma once

// What all architectures share: three ways in (packed, padded, cached) and embedding, blocks, final norm behind them.
// An architecture says what its embedding and its blocks are (gpt2.h, gpt_neox.h, llama.h).
//
// Shapes: N rows, E width, H heads, K key-value heads, D head width.

#include "core/model/attention.h"
#include "core/model/causal_lm.h"
#include "core/model/linear.h"
#include "core/model/lora_adapter.h"
#include "core/model/rope.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dskd::model
{

// The longest sequence that the architecture can take: the number of learned positions; none where positions are
// rotations.
[[nodiscard]] std::optional<std::int64_t> positionLimit(const ModelConfig& config);

class Decoder : public CausalLm
{
public:
    [[nodiscard]] const ModelConfig& config() const final { return m_config; }
    [[nodiscard]] at::Tensor hiddenStates(const PackedTokens& tokens, bool training) final;
    // Padding is taken out before the first layer and put back, as zeros, after the last.
    [[nodiscard]] at::Tensor hiddenStates(const PaddedTokens& tokens, bool training) final;
    [[nodiscard]] at::Tensor hiddenStates(const at::Tensor& ids, const at::Tensor& mask, KeyValueCache& cache) final;
    [[nodiscard]] at::Tensor head() const final { return m_head; }
    [[nodiscard]] at::Tensor inputEmbedding() const final { return m_inputEmbedding; }
    [[nodiscard]] const std::vector<NamedTensor>& parameters() const final { return m_parameters; }
    [[nodiscard]] const LoraAdapter* adapter() const final { return m_adapter ? &*m_adapter : nullptr; }
    void setAdapter(LoraAdapter adapter) final;
    void checkpointGradients() final { m_checkpointsGradients = true; }
    bool packWeights() final;
    void dropPackedWeights() final;

protected:
    // One forward pass over N rows.
    struct Pass {
        at::Tensor positions;      // (N) int64, counted from 0 in every sequence
        RotaryAngles angles;       // undefined for learned positions
        RotaryAngles windowAngles; // of layers with a window, where they have a base of their own
        Attention& attention;
        bool training = false;
    };

    Decoder(const ModelConfig& config, std::vector<NamedTensor> parameters);

    // The parameter of this name, or an undefined tensor.
    [[nodiscard]] at::Tensor parameter(const std::string& name) const;

    // The linear layer of this module name ("model.layers.0.mlp.up_proj"); not present where there is no such weight.
    [[nodiscard]] Linear linear(const std::string& module);

    // Attention with the window, the scale, the cap and the dropout that the configuration gives this layer; returns
    // (N, H * D).
    [[nodiscard]] at::Tensor attend(const Pass& pass, std::int64_t layer, const at::Tensor& query,
                                    const at::Tensor& key, const at::Tensor& value) const;
    // hidden + what a sub-layer adds to it, after dropout.
    [[nodiscard]] at::Tensor addResidual(const Pass& pass, const at::Tensor& hidden, const at::Tensor& added) const;

private:
    [[nodiscard]] virtual RotaryAngles angles(const at::Tensor& positions) const = 0;
    [[nodiscard]] virtual RotaryAngles windowAngles(const at::Tensor& /*positions*/) const { return {}; }
    [[nodiscard]] virtual at::Tensor embed(const at::Tensor& ids, const Pass& pass) const = 0; // (N) -> (N, E)
    [[nodiscard]] virtual at::Tensor block(std::int64_t layer, const at::Tensor& hidden, const Pass& pass) const = 0;
    [[nodiscard]] virtual at::Tensor finalNorm(const at::Tensor& hidden) const = 0;

    [[nodiscard]] at::Tensor run(const at::Tensor& ids, const at::Tensor& positions,
                                 const std::shared_ptr<Attention>& attention, bool training) const;
    // The tensors of a block that a gradient is computed for, the adapter's included.
    [[nodiscard]] std::vector<at::Tensor> learningInBlock(std::int64_t layer) const;

    ModelConfig m_config;
    std::vector<NamedTensor> m_parameters;
    std::map<std::string, Linear> m_linears; // those that the architecture has asked for
    at::Tensor m_inputEmbedding;
    at::Tensor m_head;
    std::optional<LoraAdapter> m_adapter;
    bool m_checkpointsGradients = false;
};

} // namespace dskd::model
