#pragma once

// Optimal transport between two clouds of points.
//
// Shapes: N, M points of the clouds, w their width. Float32 or float64, one type for all arguments; computed and
// returned in it.

#include <ATen/core/Tensor.h>
#include <cstdint>

namespace dskd::distill
{

// ||x_i - y_j||^2, never negative.
//   x (N, w), y (M, w), M > 0: distances are taken from the middle of y
//   returns (N, M)
// Throws c10::Error naming the shapes when y is empty or the widths differ.
[[nodiscard]] at::Tensor squaredDistances(const at::Tensor& x, const at::Tensor& y);

// The Sinkhorn divergence OT(x, y) - (OT(x, x) + OT(y, y)) / 2 between clouds of equal weights (Feydy et al., 2019),
// where OT is entropy-regularised transport (Cuturi, 2013): the least <P, C> + e KL(P || uniform) over the plans P
// between both, with C_ij = ||x_i - y_j||^2 / w. Without what a cloud is from itself, OT would draw the points of one
// to the middle of the other. 0 for equal clouds, not negative once the iterations have converged.
//
// e is `epsilon` times the mean of C(x, y), a constant to the gradient. The gradient is that of the last plans (the
// potentials are where the value is stationary), so it is exact as far as they have converged, and nothing is kept of
// the iterations.
//
//   x (N, w), y (M, w), neither empty
//   returns ()
// `epsilon` > 0, `iterations` > 0. Throws c10::Error naming the shapes when the clouds are empty or of different
// widths.
[[nodiscard]] at::Tensor sinkhornDivergence(const at::Tensor& x, const at::Tensor& y, double epsilon,
                                            std::int64_t iterations);

// Conditional transport (Zheng and Zhou, 2021): every x travels to the y that it navigates to, and every y to its x.
// Half the mean expected cost of each way.
//   cost (N, M), affinity (N, M): its softmax over a row is where an x travels to, over a column a y; N, M > 0
//   returns ()
// Throws c10::Error naming the shapes when they differ or are empty.
[[nodiscard]] at::Tensor conditionalTransport(const at::Tensor& cost, const at::Tensor& affinity);

} // namespace dskd::distill
