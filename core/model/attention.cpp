#include "core/model/attention.h"

#include "core/kernels/decode/decode_kernel.h"
#include "core/model/softcap.h"
#include "core/tensor/wide_float.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace dskd::model
{
namespace
{
// (T, K, D) -> (1, H, T, D): every key-value head is repeated for the query heads that share it.
at::Tensor headsFirst(const at::Tensor& x, std::int64_t heads)
{
    const std::int64_t sharing = heads / x.size(1);
    if (sharing == 1) {
        return x.transpose(0, 1).unsqueeze(0);
    }
    return x.repeat_interleave(sharing, 1).transpose(0, 1).unsqueeze(0);
}

// softmax(cap(scale * query key^T) where `allowed`) value, heads first as for the fused operation. The softmax is
// computed in float32 at least.
at::Tensor cappedAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                           const at::Tensor& allowed, const AttentionOptions& options)
{
    const double scale = options.scale.value_or(1.0 / std::sqrt(static_cast<double>(query.size(-1))));
    const at::Tensor scores = softcapped(at::matmul(query, key.transpose(-2, -1)) * scale, options.softcap)
                                  .masked_fill(allowed.logical_not(), -std::numeric_limits<double>::infinity());
    at::Tensor weights = at::softmax(scores, -1, tensor::wideFloat(scores)).to(query.scalar_type());
    if (options.dropout > 0.0) {
        weights = at::dropout(weights, options.dropout, true);
    }
    return at::matmul(weights, value);
}

// Heads first. A row looks where `mask` allows it; without a mask at itself and what is before it.
at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                     const std::optional<at::Tensor>& mask, const AttentionOptions& options)
{
    return options.softcap > 0.0
               ? cappedAttention(query, key, value, *mask, options)
               : at::scaled_dot_product_attention(query, key, value, mask, options.dropout, !mask, options.scale);
}
} // namespace

PackedAttention::PackedAttention(const std::vector<std::int64_t>& lengths, const std::vector<std::int64_t>& padding,
                                 PackedOrder order)
    : m_order(padding.empty() ? order : PackedOrder::OneByOne)
{
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        if (lengths[i] > 0) {
            m_lengths.push_back(lengths[i]);
            m_padding.push_back(padding.empty() ? 0 : padding[i]);
        }
    }
}

const at::Tensor& PackedAttention::band(std::int64_t length, std::int64_t window, std::int64_t padding,
                                        at::Device device)
{
    at::Tensor& band = m_bands[{length, window, padding}];
    if (!band.defined()) {
        band =
            at::ones({length, length}, at::TensorOptions().dtype(at::kBool).device(device)).tril_().triu_(1 - window);
        band.narrow(1, length - padding, padding).fill_(false);
    }
    return band;
}

at::Tensor PackedAttention::attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                   const AttentionOptions& options)
{
    const std::int64_t heads = query.size(1);
    const std::int64_t flat = heads * query.size(2);
    if (m_lengths.empty()) {
        return query.reshape({0, flat});
    }
    if (m_order == PackedOrder::Together && m_lengths.size() > 1) {
        return attendTogether(query, key, value, options);
    }
    // Split, not narrow: the gradient of a split is one concatenation, of narrows a full-size sum for each sequence.
    const std::vector<at::Tensor> queries = query.split_with_sizes(m_lengths);
    const std::vector<at::Tensor> keys = key.split_with_sizes(m_lengths);
    const std::vector<at::Tensor> values = value.split_with_sizes(m_lengths);
    std::vector<at::Tensor> results;
    results.reserve(m_lengths.size());
    for (std::size_t i = 0; i < m_lengths.size(); ++i) {
        const at::Tensor q = headsFirst(queries[i], heads);
        const at::Tensor k = headsFirst(keys[i], heads);
        const at::Tensor v = headsFirst(values[i], heads);
        const bool windowed = options.window && *options.window < m_lengths[i];
        std::optional<at::Tensor> mask;
        if (windowed || m_padding[i] > 0 || options.softcap > 0.0) {
            mask = band(m_lengths[i], windowed ? *options.window : m_lengths[i], m_padding[i], query.device());
        }
        results.push_back(attention(q, k, v, mask, options).squeeze(0).transpose(0, 1).reshape({m_lengths[i], flat}));
    }
    return results.size() == 1 ? results.front() : at::cat(results);
}

at::Tensor PackedAttention::attendTogether(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                           const AttentionOptions& options)
{
    const auto sequences = static_cast<std::int64_t>(m_lengths.size());
    const std::int64_t longest = *std::max_element(m_lengths.begin(), m_lengths.end());
    if (!m_places.defined()) {
        std::vector<std::int64_t> places;
        places.reserve(static_cast<std::size_t>(query.size(0)));
        for (std::int64_t sequence = 0; sequence < sequences; ++sequence) {
            for (std::int64_t t = 0; t < m_lengths[static_cast<std::size_t>(sequence)]; ++t) {
                places.push_back(sequence * longest + t);
            }
        }
        m_places = at::tensor(places, at::kLong).to(query.device());
    }
    const std::int64_t heads = query.size(1);
    // (N, K, D) -> (B, H, T, D), zeros behind each sequence. No row looks behind itself, so none looks at them.
    const auto spread = [&](const at::Tensor& x) {
        at::Tensor padded = at::zeros({sequences * longest, x.size(1), x.size(2)}, x.options())
                                .index_copy(0, m_places, x)
                                .view({sequences, longest, x.size(1), x.size(2)});
        if (x.size(1) != heads) {
            padded = padded.repeat_interleave(heads / x.size(1), 2);
        }
        return padded.transpose(1, 2);
    };
    std::optional<at::Tensor> mask;
    if ((options.window && *options.window < longest) || options.softcap > 0.0) {
        mask = band(longest, std::min(options.window.value_or(longest), longest), 0, query.device());
    }
    return attention(spread(query), spread(key), spread(value), mask, options)
        .transpose(1, 2)
        .reshape({sequences * longest, heads * query.size(2)})
        .index_select(0, m_places);
}

CachedAttention::CachedAttention(const at::Tensor& mask, KeyValueCache& cache)
    : m_mask(mask.contiguous()), m_cache(cache)
{
}

const at::Tensor& CachedAttention::allowed(std::int64_t newPositions, std::optional<std::int64_t> window)
{
    at::Tensor& allowed = m_allowed[window.value_or(0)];
    if (!allowed.defined()) {
        const std::int64_t total = m_mask.size(1);
        const std::int64_t past = total - newPositions;
        const at::Tensor ones = at::ones({newPositions, total}, m_mask.options());
        at::Tensor causal = ones.tril(past);
        if (window) {
            causal = causal.triu(past - *window + 1);
        }
        const at::Tensor itself = ones.tril(past).triu(past);
        allowed = m_mask.unsqueeze(1).logical_and(causal).logical_or(itself).unsqueeze(1);
    }
    return allowed;
}

at::Tensor CachedAttention::attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                   const AttentionOptions& options)
{
    const std::int64_t sequences = m_mask.size(0);
    const std::int64_t positions = query.size(0) / sequences;
    const std::int64_t heads = query.size(1);
    const std::int64_t sharedHeads = key.size(1);
    const std::int64_t sharing = heads / sharedHeads;
    const std::int64_t headWidth = query.size(2);
    const auto [keys, values] = m_cache.append(options.layer, key.view({sequences, positions, sharedHeads, headWidth}),
                                               value.view({sequences, positions, sharedHeads, headWidth}));
    const bool isPlain = query.is_cpu() && query.scalar_type() == at::kFloat && keys.scalar_type() == at::kFloat &&
                         values.scalar_type() == at::kFloat && !at::GradMode::is_enabled();
    if (positions == 1 && isPlain && options.softcap == 0.0 && options.dropout == 0.0) {
        return attendOnePosition(query, keys, values, options);
    }
    // The query heads that share a key-value head become further queries of that head, so nothing cached is repeated.
    const at::Tensor queries = query.view({sequences, positions, sharedHeads, sharing, headWidth})
                                   .permute({0, 2, 3, 1, 4})
                                   .reshape({sequences, sharedHeads, sharing * positions, headWidth});
    const at::Tensor mask = allowed(positions, options.window).repeat({1, 1, sharing, 1});
    const at::Tensor attended = attention(queries, keys, values, mask, options);
    return attended.view({sequences, sharedHeads, sharing, positions, headWidth})
        .permute({0, 3, 1, 2, 4})
        .reshape({sequences * positions, heads * headWidth});
}

at::Tensor CachedAttention::attendOnePosition(const at::Tensor& query, const at::Tensor& keys, const at::Tensor& values,
                                              const AttentionOptions& options) const
{
    constexpr std::int64_t kProductsPerTask = std::int64_t{1} << 18; // less takes as long as waking a thread
    constexpr std::int64_t kScoreBlock = 16;
    const at::Tensor rows = query.contiguous();
    at::Tensor result = at::empty({rows.size(0), rows.size(1) * rows.size(2)}, rows.options());
    kernels::decode::Attending attending;
    attending.query = rows.const_data_ptr<float>();
    attending.keys = keys.const_data_ptr<float>();
    attending.values = values.const_data_ptr<float>();
    attending.present = m_mask.const_data_ptr<bool>();
    attending.result = result.mutable_data_ptr<float>();
    attending.heads = rows.size(1);
    attending.sharedHeads = keys.size(1);
    attending.width = rows.size(2);
    attending.positions = keys.size(2);
    attending.capacity = m_cache.capacity(options.layer);
    attending.first = std::max<std::int64_t>(attending.positions - options.window.value_or(attending.positions), 0);
    attending.scale = static_cast<float>(options.scale.value_or(1.0 / std::sqrt(static_cast<double>(attending.width))));
    auto* const attendHead = kernels::decode::decodeKernels().front().attend;
    const std::int64_t productsPerHead =
        attending.heads / attending.sharedHeads * attending.positions * attending.width * 2;
    at::parallel_for(0, rows.size(0) * attending.sharedHeads,
                     std::max<std::int64_t>(kProductsPerTask / std::max<std::int64_t>(productsPerHead, 1), 1),
                     [&](std::int64_t begin, std::int64_t end) {
                         std::vector<float> scores(static_cast<std::size_t>(attending.positions + kScoreBlock));
                         for (std::int64_t i = begin; i < end; ++i) {
                             attendHead(attending, i / attending.sharedHeads, i % attending.sharedHeads, scores.data());
                         }
                     });
    return result;
}

} // namespace dskd::model
