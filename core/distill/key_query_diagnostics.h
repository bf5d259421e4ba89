#pragma once

// How far the queries of cross-model attention are from its keys, as distributions.
//
// Shapes: N, M rows of the two sides, w their width, P directions. Results are scalars without a graph.

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace dskd::distill
{

// The squared maximum mean discrepancy of two samples, estimated without bias (Gretton et al., 2012): 0 on average for
// one distribution, so it may be slightly negative. Kernel exp(-||a - b||^2 / (2 s^2)), s the median distance between
// any two rows of both. 0 for fewer than two rows on a side.
[[nodiscard]] at::Tensor maximumMeanDiscrepancy(const at::Tensor& x, const at::Tensor& y);

// The sliced 2-Wasserstein distance: root of the mean over `directions` (P, w) of W_2^2 between the projections of both
// samples; exact for unequal numbers of rows. 0 without rows on a side.
[[nodiscard]] at::Tensor slicedWasserstein(const at::Tensor& x, const at::Tensor& y, const at::Tensor& directions);

// (count, width) of length 1, uniform on the sphere: a function of `seed`.
[[nodiscard]] at::Tensor randomDirections(std::int64_t count, std::int64_t width, std::uint64_t seed,
                                          const at::TensorOptions& options);

// Mean cosine over all pairs of rows, one of each side.
[[nodiscard]] at::Tensor meanCosine(const at::Tensor& x, const at::Tensor& y);

} // namespace dskd::distill
