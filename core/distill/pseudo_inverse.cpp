#include "core/distill/pseudo_inverse.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace dskd::distill
{
namespace
{

constexpr std::int64_t kBlock = 4096; // rows of a head that are made float64 at a time

// a^T b in float64, block by block: (K, n), (K, m) to (n, m).
at::Tensor transposedProduct(const at::Tensor& a, const at::Tensor& b)
{
    at::Tensor sum = at::zeros({a.size(1), b.size(1)}, a.options().dtype(at::kDouble));
    for (std::int64_t begin = 0; begin < a.size(0); begin += kBlock) {
        const std::int64_t count = std::min(kBlock, a.size(0) - begin);
        sum.addmm_(a.narrow(0, begin, count).to(at::kDouble).t(), b.narrow(0, begin, count).to(at::kDouble));
    }
    return sum;
}

} // namespace

HeadInverse::HeadInverse(const at::Tensor& head, double rcond) : m_head(head.detach())
{
    TORCH_CHECK(head.dim() == 2 && head.size(0) > 0, "a head of common tokens must have rows, not ", head.sizes());
    const at::NoGradGuard noGrad;
    const double limit = rcond > 0.0 ? rcond
                                     : static_cast<double>(std::max(head.size(0), head.size(1))) *
                                           static_cast<double>(std::numeric_limits<float>::epsilon());
    const auto [values, vectors] = at::linalg_eigh(transposedProduct(m_head, m_head));
    // Eigenvalues are squared singular values. Below the rounding of the Gram matrix itself they mean nothing.
    const double rounding = static_cast<double>(head.size(1)) * std::numeric_limits<double>::epsilon();
    const at::Tensor kept = values.gt(values.amax() * std::max(limit * limit, rounding));
    const at::Tensor inverse = at::where(kept, values.reciprocal(), at::zeros_like(values));
    m_inverseGram = at::mm(vectors * inverse, vectors.t());
}

at::Tensor HeadInverse::projectorFrom(const at::Tensor& from) const
{
    TORCH_CHECK(defined() && from.dim() == 2 && from.size(0) == m_head.size(0), "heads ", from.sizes(), " and ",
                m_head.sizes(), " must have the same tokens");
    const at::NoGradGuard noGrad;
    return at::mm(m_inverseGram, transposedProduct(m_head, from.detach()));
}

InitError initError(const at::Tensor& weight, const at::Tensor& from, const at::Tensor& to)
{
    const at::NoGradGuard noGrad;
    const at::Tensor wide = weight.to(at::kDouble);
    double missed = 0.0;
    double whole = 0.0;
    for (std::int64_t begin = 0; begin < from.size(0); begin += kBlock) {
        const std::int64_t count = std::min(kBlock, from.size(0) - begin);
        const at::Tensor wanted = from.narrow(0, begin, count).to(at::kDouble);
        const at::Tensor given = at::mm(to.narrow(0, begin, count).to(at::kDouble), wide);
        missed += (given - wanted).square().sum().item<double>();
        whole += wanted.square().sum().item<double>();
    }
    const at::Tensor squares = std::get<0>(at::linalg_eigh(transposedProduct(from, from))).clamp_min(0.0); // ascending
    const std::int64_t lost = std::max<std::int64_t>(0, from.size(1) - to.size(1));
    const double least = squares.narrow(0, 0, lost).sum().item<double>();
    return whole > 0.0 ? InitError{std::sqrt(missed / whole), std::sqrt(least / whole)} : InitError{};
}

} // namespace dskd::distill
