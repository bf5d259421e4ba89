#pragma once

// The projector that carries one prediction head into another (DSKD v2): the W with the smallest error
// || W to_head^T - from_head^T ||, W = from_head^T (to_head^T)^+. Hidden states that go through it have nearly the
// logits through `to` that they had through `from`.
//
// Shapes: K common tokens, a/b the widths.

#include <ATen/core/Tensor.h>

namespace dskd::distill
{

// Inverts the Gram matrix head^T head (width, width) in float64 by its eigenvectors, so that the (K, width) head is
// only multiplied with. Squaring the condition number costs half of float64's digits; heads are float32 at best.
// Singular values below rcond x the largest count as 0; rcond 0: max(K, width) x the epsilon of float32, as
// torch.linalg.pinv has it.
class HeadInverse
{
public:
    HeadInverse() = default;
    HeadInverse(const at::Tensor& head, double rcond); // (K, width)

    [[nodiscard]] bool defined() const { return m_inverseGram.defined(); }
    // (width, a): the weight of a linear layer from `from`'s space, (K, a), to this head's. float64.
    [[nodiscard]] at::Tensor projectorFrom(const at::Tensor& from) const;

private:
    at::Tensor m_head;
    at::Tensor m_inverseGram; // (width, width) float64
};

struct InitError {
    double relative = 0.0; // || W to^T - from^T || / || from ||
    double floor = 0.0;    // the smallest that any projector through `to`'s width can have (Eckart-Young)
};

// How well `weight` (b, a) carries the head `from` (K, a) into `to` (K, b). In blocks of rows.
[[nodiscard]] InitError initError(const at::Tensor& weight, const at::Tensor& from, const at::Tensor& to);

} // namespace dskd::distill
