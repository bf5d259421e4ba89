#pragma once

// The two directions in which some states differ most (principal component analysis), to draw states of a wide space as
// points. The axes are fitted once and later states are only projected onto them, so that points that move have moved
// in the space and not because the axes turned. Pure functions of tensors, any device; computed on the CPU in float64.
//
// Shapes: N states, d width.

#include <ATen/core/Tensor.h>
#include <array>
#include <optional>

namespace dskd::analysis
{

struct PrincipalAxes {
    at::Tensor center; // (d) float64: mean of the states that were fitted
    // (2, d) float64, of length 1 and orthogonal. The element of largest magnitude of each is positive, so that the
    // same states give the same picture. Where the states differ in fewer than two directions, the rest are units
    // orthogonal to them; with d = 1 the second is 0.
    at::Tensor axes;
    std::array<double, 2> explained = {0.0, 0.0}; // share of the states' variance along each, falling
};

// Nothing without states, or when one of them is not finite. Throws c10::Error naming the shape unless it is (N, d)
// with d > 0.
[[nodiscard]] std::optional<PrincipalAxes> fitAxes(const at::Tensor& states);

// (N, d) to (N, 2) float64: (state - center) by the axes. Throws c10::Error naming the shapes when the widths differ.
[[nodiscard]] at::Tensor projectOnto(const PrincipalAxes& axes, const at::Tensor& states);

} // namespace dskd::analysis
