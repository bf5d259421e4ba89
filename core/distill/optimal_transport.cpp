#include "core/distill/optimal_transport.h"

#include <ATen/ATen.h>

#include <cmath>

namespace dskd::distill
{
namespace
{

// OT between clouds of equal weights. `epsilon` () is absolute.
at::Tensor transport(const at::Tensor& cost_NM, const at::Tensor& epsilon, std::int64_t iterations)
{
    const at::Tensor cost = cost_NM.detach();
    const double logN = std::log(static_cast<double>(cost.size(0)));
    const double logM = std::log(static_cast<double>(cost.size(1)));
    at::Tensor f = at::zeros({cost.size(0), 1}, cost.options());
    at::Tensor g = at::zeros({1, cost.size(1)}, cost.options());
    for (std::int64_t i = 0; i < iterations; ++i) {
        f = epsilon * (logM - at::logsumexp((g - cost) / epsilon, {1}, /*keepdim=*/true));
        g = epsilon * (logN - at::logsumexp((f - cost) / epsilon, {0}, /*keepdim=*/true));
    }
    const at::Tensor plan = ((f + g - cost) / epsilon - (logN + logM)).exp();
    return f.mean() + g.mean() + (plan * (cost_NM - cost)).sum(); // the last is 0 and carries the gradient
}

} // namespace

at::Tensor squaredDistances(const at::Tensor& x, const at::Tensor& y)
{
    TORCH_CHECK(x.dim() == 2 && y.dim() == 2 && x.size(1) == y.size(1) && y.numel() > 0, "points ", x.sizes(), " and ",
                y.sizes(), " have no distances");
    // Distances do not change when both clouds move; near the origin less is lost in the differences below.
    const at::Tensor centre = y.detach().mean(0, /*keepdim=*/true);
    const at::Tensor a = x - centre;
    const at::Tensor b = y - centre;
    const at::Tensor squares = a.square().sum(1, /*keepdim=*/true) + b.square().sum(1).unsqueeze(0);
    return (squares - 2.0 * at::mm(a, b.t())).clamp_min(0.0);
}

at::Tensor sinkhornDivergence(const at::Tensor& x, const at::Tensor& y, double epsilon, std::int64_t iterations)
{
    TORCH_CHECK(x.dim() == 2 && y.dim() == 2 && x.size(1) == y.size(1) && x.numel() > 0 && y.numel() > 0, "clouds ",
                x.sizes(), " and ", y.sizes(), " have no transport between them");
    const auto width = static_cast<double>(x.size(1));
    const at::Tensor between = squaredDistances(x, y) / width;
    // points that all coincide need no regularisation, but a number to divide by
    const at::Tensor absolute = (between.detach().mean() * epsilon).clamp_min(1e-12);
    return transport(between, absolute, iterations) -
           0.5 * (transport(squaredDistances(x, x) / width, absolute, iterations) +
                  transport(squaredDistances(y, y) / width, absolute, iterations));
}

at::Tensor conditionalTransport(const at::Tensor& cost, const at::Tensor& affinity)
{
    TORCH_CHECK(cost.dim() == 2 && cost.sizes() == affinity.sizes() && cost.numel() > 0, "costs ", cost.sizes(),
                " and affinities ", affinity.sizes(), " are not those of two clouds");
    const at::Tensor forward = (cost * at::softmax(affinity, 1)).sum(1).mean();
    const at::Tensor backward = (cost * at::softmax(affinity, 0)).sum(0).mean();
    return 0.5 * (forward + backward);
}

} // namespace dskd::distill
