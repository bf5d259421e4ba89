#pragma once

// Causal attention over the rows of one forward pass. The linear layers of a decoder see rows only; which row may look
// at which is known here.
//
// Scores with a cap go through a plain product, softmax and product, which store them: no fused operation knows caps.
//
// Shapes: N rows, B sequences, T positions, H query heads, K key-value heads (H is a multiple of K), D head width.

#include "core/model/kv_cache.h"

#include <ATen/core/Tensor.h>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace dskd::model
{

struct AttentionOptions {
    std::int64_t layer = 0;
    std::optional<std::int64_t> window; // positions a query may look back on, itself included
    std::optional<double> scale;        // of the scores; absent: 1 / sqrt(D)
    double softcap = 0.0;               // scores become softcap * tanh(score / softcap); 0: as they are
    double dropout = 0.0;               // of the attention weights
};

class Attention
{
public:
    virtual ~Attention() = default;

    //   query (N, H, D); key, value (N, K, D); returns (N, H * D)
    [[nodiscard]] virtual at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                            const AttentionOptions& options) = 0;
};

// How the sequences of a pack are attended to; without dropout, which each draws in its own order,
// the numbers agree to rounding.
enum class PackedOrder {
    OneByOne, // an operation for each: nothing is padded, and a sequence's bits do not depend on its neighbours
    Together, // one operation over all, padded to the longest: a GPU waits for the processor otherwise
};

// Sequences end to end: every row looks at the earlier rows of its own sequence. Differentiable.
class PackedAttention final : public Attention
{
public:
    // `lengths` sums to N; `padding` as in PackedTokens: with any the order is OneByOne.
    explicit PackedAttention(const std::vector<std::int64_t>& lengths, const std::vector<std::int64_t>& padding = {},
                             PackedOrder order = PackedOrder::OneByOne);

    [[nodiscard]] at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                    const AttentionOptions& options) override;

private:
    // Which rows of a sequence of this length a row may look at, kept for the other layers and sequences.
    const at::Tensor& band(std::int64_t length, std::int64_t window, std::int64_t padding, at::Device device);

    [[nodiscard]] at::Tensor attendTogether(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                            const AttentionOptions& options);

    std::vector<std::int64_t> m_lengths; // without empty sequences
    std::vector<std::int64_t> m_padding; // of each of them
    PackedOrder m_order;
    at::Tensor m_places; // (N) int64: where a row lies among the padded ones (B * T); made when first needed
    std::map<std::array<std::int64_t, 3>, at::Tensor> m_bands;
};

// T new positions of each of B sequences, row by row, behind what the cache holds. Not differentiable. One new position
// in float32 on the CPU goes through a kernel of our own, where LibTorch runs small products head by head.
class CachedAttention final : public Attention
{
public:
    // `mask` (B, past + T) bool, true where there is a token. `cache` must outlive this object.
    CachedAttention(const at::Tensor& mask, KeyValueCache& cache);

    [[nodiscard]] at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                    const AttentionOptions& options) override;

private:
    // (B, 1, T, past + T) bool; a position without a token looks at itself, so that its row stays finite.
    const at::Tensor& allowed(std::int64_t newPositions, std::optional<std::int64_t> window);

    //   query (B, H, D); keys, values (B, K, S, D) as the cache returns them; returns (B, H * D)
    [[nodiscard]] at::Tensor attendOnePosition(const at::Tensor& query, const at::Tensor& keys,
                                               const at::Tensor& values, const AttentionOptions& options) const;

    at::Tensor m_mask; // contiguous
    KeyValueCache& m_cache;
    std::map<std::int64_t, at::Tensor> m_allowed; // by window, 0 for none
};

} // namespace dskd::model
