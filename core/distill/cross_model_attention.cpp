#include "core/distill/cross_model_attention.h"

#include "core/tensor/wide_float.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>

namespace dskd::distill
{
namespace
{

void checkRows(const std::vector<std::int64_t>& rowsPerSample, const at::Tensor& rows, const char* side)
{
    const std::int64_t sum = std::accumulate(rowsPerSample.begin(), rowsPerSample.end(), std::int64_t{0});
    TORCH_CHECK(sum == rows.size(0), "the samples' ", side, " rows sum to ", sum, ", but there are ", rows.size(0));
}

at::Tensor attend(const std::vector<at::Tensor>& weights, const at::Tensor& value)
{
    std::vector<at::Tensor> blocks;
    blocks.reserve(weights.size());
    std::int64_t begin = 0;
    for (const at::Tensor& weight : weights) {
        const std::int64_t count = weight.size(1);
        blocks.push_back(at::mm(weight.to(value.scalar_type()), value.narrow(0, begin, count)));
        begin += count;
    }
    return blocks.empty() ? at::zeros({0, value.size(1)}, value.options()) : at::cat(blocks, 0);
}

} // namespace

at::Tensor dividedByDeviation(const at::Tensor& x)
{
    const at::Tensor values = x.to(tensor::wideFloat(x));
    if (values.numel() < 2) {
        return values;
    }
    const at::Tensor deviation = values.std();
    return values / at::where(deviation.gt(0.0), deviation, at::ones_like(deviation));
}

double deviation(const at::Tensor& x, const batch::Moments& others)
{
    const at::Tensor values = x.detach().to(at::kDouble);
    const auto count = static_cast<double>(values.numel() + others.count);
    const double sum = values.sum().item<double>() + others.sum;
    const double squares = values.square().sum().item<double>() + others.squares;
    const double variance = count > 1.0 ? (squares - sum * sum / count) / (count - 1.0) : 0.0;
    return variance > 0.0 ? std::sqrt(variance) : 1.0;
}

CrossModelAttention::CrossModelAttention(const at::Tensor& query, const at::Tensor& key,
                                         const std::vector<std::int64_t>& queryRows,
                                         const std::vector<std::int64_t>& keyRows)
{
    TORCH_CHECK(query.size(1) == key.size(1), "queries ", query.sizes(), " do not fit keys ", key.sizes());
    TORCH_CHECK(queryRows.size() == keyRows.size(), "both sides must have the same samples, not ", queryRows.size(),
                " and ", keyRows.size());
    checkRows(queryRows, query, "student");
    checkRows(keyRows, key, "teacher");
    const at::ScalarType type = at::promote_types(tensor::wideFloat(query), tensor::wideFloat(key));
    const at::Tensor scaled = query.to(type) / std::sqrt(static_cast<double>(query.size(1)));
    const at::Tensor keys = key.to(type);
    m_scores.reserve(queryRows.size());
    std::int64_t queryBegin = 0;
    std::int64_t keyBegin = 0;
    for (std::size_t i = 0; i < queryRows.size(); ++i) {
        m_scores.push_back(
            at::mm(scaled.narrow(0, queryBegin, queryRows[i]), keys.narrow(0, keyBegin, keyRows[i]).t()));
        queryBegin += queryRows[i];
        keyBegin += keyRows[i];
    }
}

CrossModelAttention CrossModelAttention::uniform(const std::vector<std::int64_t>& queryRows,
                                                 const std::vector<std::int64_t>& keyRows,
                                                 const at::TensorOptions& options)
{
    TORCH_CHECK(queryRows.size() == keyRows.size(), "both sides must have the same samples, not ", queryRows.size(),
                " and ", keyRows.size());
    CrossModelAttention attention;
    for (std::size_t i = 0; i < queryRows.size(); ++i) {
        attention.m_scores.push_back(at::zeros({queryRows[i], keyRows[i]}, options.dtype(tensor::wideFloat(options))));
    }
    return attention;
}

void CrossModelAttention::restrictTo(const at::Tensor& queryChunks, const at::Tensor& keyChunks)
{
    std::int64_t queryBegin = 0;
    std::int64_t keyBegin = 0;
    for (const at::Tensor& scores : m_scores) {
        const at::Tensor query = queryChunks.narrow(0, queryBegin, scores.size(0));
        const at::Tensor key = keyChunks.narrow(0, keyBegin, scores.size(1));
        m_partners.push_back(query.unsqueeze(1).eq(key.unsqueeze(0)));
        queryBegin += scores.size(0);
        keyBegin += scores.size(1);
    }
}

void CrossModelAttention::penalise(const Rows& queries, const Rows& keys)
{
    constexpr double kPenalty = -1e5;
    std::int64_t queryBegin = 0;
    std::int64_t keyBegin = 0;
    for (at::Tensor& scores : m_scores) {
        const auto matrix = [&](const at::Tensor& query, const at::Tensor& key, const auto& join) {
            return join(query.narrow(0, queryBegin, scores.size(0)).unsqueeze(1),
                        key.narrow(0, keyBegin, scores.size(1)).unsqueeze(0));
        };
        const at::Tensor bothRespond =
            matrix(queries.isResponse, keys.isResponse,
                   [](const at::Tensor& a, const at::Tensor& b) { return a.logical_and(b); });
        const at::Tensor otherChunk =
            matrix(queries.chunks, keys.chunks, [](const at::Tensor& a, const at::Tensor& b) { return a.ne(b); });
        queryBegin += scores.size(0);
        keyBegin += scores.size(1);
        scores = (scores + bothRespond.logical_not() * kPenalty).masked_fill(otherChunk, kPenalty);
    }
}

at::Tensor CrossModelAttention::weights(std::size_t sample, bool ofKeys) const
{
    const at::Tensor scores = ofKeys ? m_scores[sample].t() : m_scores[sample];
    if (m_partners.empty()) {
        return at::softmax(scores, 1);
    }
    constexpr double kNever = -1e30; // not -inf: a row of nothing but those would be NaN
    const at::Tensor partners = ofKeys ? m_partners[sample].t() : m_partners[sample];
    return at::softmax(scores.masked_fill(partners.logical_not(), kNever), 1) * partners;
}

std::vector<at::Tensor> CrossModelAttention::queryWeights() const
{
    std::vector<at::Tensor> result;
    for (std::size_t i = 0; i < m_scores.size(); ++i) {
        result.push_back(weights(i, /*ofKeys=*/false));
    }
    return result;
}

std::vector<at::Tensor> CrossModelAttention::keyWeights() const
{
    std::vector<at::Tensor> result;
    for (std::size_t i = 0; i < m_scores.size(); ++i) {
        result.push_back(weights(i, /*ofKeys=*/true));
    }
    return result;
}

at::Tensor CrossModelAttention::toQueries(const at::Tensor& value) const
{
    return attend(queryWeights(), value);
}

at::Tensor CrossModelAttention::toKeys(const at::Tensor& value) const
{
    return attend(keyWeights(), value);
}

} // namespace dskd::distill
