#include "core/bench/gradient_difference.h"

#include "core/train/loop/gradient_norm.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace dskd::bench
{
namespace
{

constexpr double kLeastNorm = 1e-30; // keeps the difference from zeros finite

double squaredNorm(const at::Tensor& tensor)
{
    const std::array<at::Tensor, 1> one{tensor.to(at::kFloat)};
    const double norm = train::gradientNorm(one);
    return norm * norm;
}

} // namespace

double gradientDifference(std::span<const at::Tensor> ours, std::span<const at::Tensor> theirs)
{
    const at::NoGradGuard noGrad;
    TORCH_CHECK(ours.size() == theirs.size(), "gradientDifference: ", ours.size(), " tensors beside ", theirs.size());
    double apart = 0.0;
    double all = 0.0;
    for (std::size_t i = 0; i < ours.size(); ++i) { // one after the other, so that one difference is in memory
        const at::Tensor& our = ours[i];
        const at::Tensor& their = theirs[i];
        if (our.defined() && their.defined()) {
            TORCH_CHECK(our.sizes() == their.sizes(), "gradientDifference: shapes ", our.sizes(), " and ",
                        their.sizes());
            apart += squaredNorm(our.to(at::kFloat) - their.to(at::kFloat));
        } else if (our.defined() || their.defined()) {
            apart += squaredNorm(our.defined() ? our : their);
        }
        all += their.defined() ? squaredNorm(their) : 0.0;
    }
    return std::sqrt(apart) / std::max(std::sqrt(all), kLeastNorm);
}

} // namespace dskd::bench
