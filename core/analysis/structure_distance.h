#pragma once

// How differently two models arrange the same tokens in their representation spaces (paper Eqn. 16-19). The widths may
// differ; the rows must be the same tokens. Pure functions of tensors, any device.
//
// Shapes: N rows, d/D widths.

#include <ATen/core/Tensor.h>

namespace dskd::analysis
{

struct StructureDistance {
    double cosine = 0.0;     // sum over all pairs |M^t - M^s|, M(i,j) = h_i h_j / (|h_i| |h_j|)      (Eqn. 16, 18)
    double product = 0.0;    // sum over all pairs |M^t - M^s|, M(i,j) = h_i h_j / sum_k h_i h_k       (Eqn. 17, 19)
    double cosineMean = 0.0; // cosine / N^2, the per-pair mean: comparable between texts, plotted by the published code
    double productMean = 0.0;     // product / N over the rows that count: the published code's mean of row sums
    std::int64_t productRows = 0; // rows that count in product
};

// Computed in float64. A row of M_prod is left out when its sum is so near 0 in either model that the quotient is
// noise: |sum_k h_i h_k| < 1e-6 sum_k |h_i h_k|. A zero row has cosine 0 with every other.
// Zero rows give zeros. Throws c10::Error naming the shapes when the rows disagree.
[[nodiscard]] StructureDistance structureDistance(const at::Tensor& studentHidden, const at::Tensor& teacherHidden);

} // namespace dskd::analysis
