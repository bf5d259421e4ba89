#pragma once

// Soft alignments between the tokens of one text in two vocabularies: cross-model attention (CMA, paper Eqn. 11-14),
// which is learned; the same within chunks of equal text (CLA); and uniform weights within them (CLP).
//
// N(x) = x / std(x): the paper leaves open over what the deviation is taken; the published code takes one scalar over
// the padded batch, so that its result depends on the amount of padding. Here it is one scalar, unbiased, over the real
// response rows of the micro-batch; with a reference fidelity that of the padded batch, from the moments of what is
// padding or prompt. Softmaxes stay within each sample.
//
// Shapes: R student rows, M teacher rows, d/D widths.

#include "core/batch/step_rows.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <vector>

namespace dskd::distill
{

// x / std(x) over all elements, computed in float32 (float64 for float64); x itself when std is 0 or undefined.
[[nodiscard]] at::Tensor dividedByDeviation(const at::Tensor& x);
// The unbiased deviation of all elements of x and of the numbers that `others` sums up; 1 when it is 0 or undefined.
[[nodiscard]] double deviation(const at::Tensor& x, const batch::Moments& others);

// Attention scores Q K^T / sqrt(width) of one micro-batch, block by block: rows of different samples never meet.
class CrossModelAttention
{
public:
    //   query (R, 2D), key (M, 2D); rows of each side belong to samples in order
    // Scores are computed in float32 (float64 for float64).
    CrossModelAttention(const at::Tensor& query, const at::Tensor& key, const std::vector<std::int64_t>& queryRows,
                        const std::vector<std::int64_t>& keyRows);

    // All scores alike, in float32 (float64): what restrictTo leaves gets uniform weights.
    static CrossModelAttention uniform(const std::vector<std::int64_t>& queryRows,
                                       const std::vector<std::int64_t>& keyRows, const at::TensorOptions& options);

    // From now on rows attend only to rows of their own chunk; `queryChunks` (R), `keyChunks` (M) int64. A row without
    // a partner gets weights 0.
    void restrictTo(const at::Tensor& queryChunks, const at::Tensor& keyChunks);

    // As published, instead (padded_attention.h): 1e5 less where not both rows are response rows, and -1e5 where they
    // are of different chunks.
    struct Rows {
        at::Tensor chunks;     // (R) or (M) int64
        at::Tensor isResponse; // (R) or (M) bool
    };
    void penalise(const Rows& queries, const Rows& keys);

    // softmax over the keys of the sample x value: value (M, w) to (R, w), in value's dtype. A query without keys
    // gets zeros.
    [[nodiscard]] at::Tensor toQueries(const at::Tensor& value) const;
    // softmax over the queries of the sample x value: value (R, w) to (M, w).
    [[nodiscard]] at::Tensor toKeys(const at::Tensor& value) const;

    // Per sample (R_i, M_i); queryWeights' rows sum to 1 (0 without a partner), keyWeights are (M_i, R_i).
    [[nodiscard]] std::vector<at::Tensor> queryWeights() const;
    [[nodiscard]] std::vector<at::Tensor> keyWeights() const;

private:
    CrossModelAttention() = default;
    [[nodiscard]] at::Tensor weights(std::size_t sample, bool ofKeys) const;

    std::vector<at::Tensor> m_scores;   // (R_i, M_i) per sample
    std::vector<at::Tensor> m_partners; // (R_i, M_i) bool; empty: all
};

} // namespace dskd::distill
